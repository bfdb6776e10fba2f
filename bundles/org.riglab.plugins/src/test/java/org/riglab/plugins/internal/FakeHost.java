package org.riglab.plugins.internal;

import aQute.bnd.osgi.resource.ResourceBuilder;
import java.util.List;
import java.util.Map;
import java.util.jar.Manifest;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/** An installation with version 2.3 of the API. */
final class FakeHost implements Catalogues.Host {
  private final Resource bench;

  FakeHost() {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
    manifest.getMainAttributes().putValue("Bundle-SymbolicName", "org.riglab.api");
    manifest.getMainAttributes().putValue("Bundle-Version", "2.3.0");
    manifest
        .getMainAttributes()
        .putValue(
            "Export-Package",
            "org.riglab.api;version=2.3.0,org.riglab.api.network;version=2.3.0,org.any");
    ResourceBuilder builder = new ResourceBuilder();
    builder.addManifest(manifest);
    bench = builder.build();
  }

  @Override
  public Platform platform() {
    return new Platform(List.of(bench), Map.of());
  }

  @Override
  public String words(Requirement requirement) {
    String words =
        "package "
            + PackageImports.words(
                requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE));
    return bench.getCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream()
            .anyMatch(
                c ->
                    words.contains(
                        " " + c.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE) + " "))
        ? words + ", but there is version 2.3.0"
        : words + ", which is not there";
  }
}
