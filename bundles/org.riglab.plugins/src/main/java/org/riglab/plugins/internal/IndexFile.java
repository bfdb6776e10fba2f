package org.riglab.plugins.internal;

import aQute.bnd.header.OSGiHeader;
import aQute.bnd.osgi.repository.XMLResourceGenerator;
import aQute.bnd.osgi.repository.XMLResourceParser;
import aQute.bnd.osgi.resource.CapReqBuilder;
import aQute.bnd.osgi.resource.ResourceBuilder;
import aQute.bnd.osgi.resource.ResourceUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Resource;

/**
 * Reads and writes an index of the OSGi Repository specification (OSGi Compendium 8, 132.5), with
 * bnd's library. Riglab adds what that specification has no namespace for: the parts of a plugin,
 * and whether its jar is signed.
 */
final class IndexFile {
  private static final String PART = "org.riglab.part";
  private static final String ABOUT = "about";
  private static final String OPTIONS = "options";
  private static final String SIGNED = "org.riglab.signed";
  private static final String BUNDLE = "application/vnd.osgi.bundle";

  private IndexFile() {}

  /**
   * @param in an index; is closed
   * @param base its folder, to which the addresses of jars are relative
   * @return the bundles in it
   * @throws IOException if it is not an index; indexes that it refers to are not read
   */
  static List<Resource> read(InputStream in, URI base) throws IOException {
    try (XMLResourceParser parser = new XMLResourceParser(in, "the index", base)) {
      parser.setDepth(0);
      List<Resource> resources = parser.parse();
      if (resources == null || !parser.isOk()) {
        throw new IOException(String.join("; ", parser.getErrors()));
      }
      for (Resource resource : resources) {
        check(resource);
      }
      return resources;
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // bnd's parser declares no other
      throw new IOException(e.getMessage(), e);
    }
  }

  private static void check(Resource resource) throws IOException {
    ResourceUtils.IdentityCapability identity = ResourceUtils.getIdentityCapability(resource);
    ResourceUtils.ContentCapability content = ResourceUtils.getContentCapability(resource);
    if (identity == null || content == null) {
      throw new IOException("a resource has no capability osgi.identity or osgi.content");
    }
    if (content.url() == null || sha256(resource).isEmpty()) {
      throw new IOException(name(resource) + " has no digest or address");
    }
    version(resource);
  }

  /**
   * @param jar a plugin or a library
   * @param url of the jar
   * @param options of parts, in words, by kind and name of the part
   * @return the entry of an index
   * @throws IOException if the jar cannot be read
   */
  static Resource resource(PluginJar jar, URI url, Map<String, String> options) throws IOException {
    ResourceBuilder builder = new ResourceBuilder();
    builder.addManifest(jar.contents().manifest());
    builder.addContentCapability(url, jar.sha256(), Files.size(jar.file()), BUNDLE);
    DeclaredParts.described(jar)
        .forEach(
            (part, about) -> {
              CapReqBuilder capability = capability(PART, part);
              if (!about.isEmpty()) {
                capability.addAttribute(ABOUT, about);
              }
              if (options.containsKey(part)) {
                capability.addAttribute(OPTIONS, options.get(part));
              }
              builder.addCapability(capability);
            });
    if (jar.contents().entries().stream()
        .anyMatch(e -> e.matches("META-INF/[^/]+[.](RSA|DSA|EC)"))) {
      builder.addCapability(capability(SIGNED, "true"));
    }
    return builder.build();
  }

  private static CapReqBuilder capability(String namespace, String value) {
    return new CapReqBuilder(namespace).addAttribute(namespace, value);
  }

  /**
   * @param resources the bundles
   * @param base folder of the index
   * @param increment grows with each change
   * @return the text of the index
   * @throws IOException never
   */
  static String write(Collection<Resource> resources, URI base, long increment) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new XMLResourceGenerator()
        .name("Riglab plugins")
        .base(base)
        .increment(increment)
        .indent(2)
        .resources(resources)
        .save(bytes);
    return bytes.toString(java.nio.charset.StandardCharsets.UTF_8);
  }

  static String name(Resource resource) {
    return ResourceUtils.getIdentityCapability(resource).osgi_identity();
  }

  static Version version(Resource resource) {
    Object version =
        identity(resource).getAttributes().get(IdentityNamespace.CAPABILITY_VERSION_ATTRIBUTE);
    return version == null ? Version.emptyVersion : Version.parseVersion(version.toString());
  }

  /** An attribute of the identity as one line; empty if there is none. */
  static String identity(Resource resource, String attribute) {
    Object value = identity(resource).getAttributes().get(attribute);
    return value == null ? "" : PluginJar.oneLine(value.toString());
  }

  /** Names of the licences, without links and descriptions; empty if there are none. */
  static String license(Resource resource) {
    String header = identity(resource, IdentityNamespace.CAPABILITY_LICENSE_ATTRIBUTE);
    return String.join(", ", OSGiHeader.parseHeader(header).keySet());
  }

  private static Capability identity(Resource resource) {
    return resource.getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE).get(0);
  }

  static String sha256(Resource resource) {
    return Objects.requireNonNullElse(
        ResourceUtils.getContentCapability(resource).osgi_content(), "");
  }

  static URI url(Resource resource) {
    return ResourceUtils.getContentCapability(resource).url();
  }

  static long bytes(Resource resource) {
    Object size = resource.getCapabilities("osgi.content").get(0).getAttributes().get("size");
    return size instanceof Number number ? number.longValue() : 0;
  }

  /** Kind, name and description of each part. */
  static List<String> parts(Resource resource) {
    return resource.getCapabilities(PART).stream()
        .map(
            c ->
                text(c, PART) + (c.getAttributes().containsKey(ABOUT) ? ": " + text(c, ABOUT) : ""))
        .toList();
  }

  /** Kind, name and options of each part that has options. */
  static List<String> options(Resource resource) {
    return resource.getCapabilities(PART).stream()
        .filter(c -> c.getAttributes().containsKey(OPTIONS))
        .map(c -> text(c, PART) + ": " + text(c, OPTIONS))
        .toList();
  }

  private static String text(Capability capability, String attribute) {
    return PluginJar.oneLine(String.valueOf(capability.getAttributes().get(attribute)));
  }

  static boolean signed(Resource resource) {
    return !resource.getCapabilities(SIGNED).isEmpty();
  }
}
