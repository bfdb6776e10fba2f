package org.riglab.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * Makes the repository of a distribution one that Maven can build plugins from: a pom without
 * parent beside each of our bundles, and a SHA-1 beside every file.
 *
 * <p>In the build, bundles see each other as {@code provided}; on a stranger's class path they need
 * each other, so the pom beside a bundle says {@code compile}, and leaves out what the bundle has
 * taken into itself. Which libtorch a class path needs is left to the machine it is on.
 */
final class MavenRepository {
  private static final String GROUP = "org.riglab";
  private static final String NATIVES = "org.riglab.djl.native.";
  private static final String ARCHETYPE = "org.riglab.templates";
  private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");

  /** A platform's name to the conditions under which Maven takes its natives. */
  private static final Map<String, String> PLATFORMS =
      Map.of(
          "linux-x86_64", "<name>linux</name><arch>amd64</arch>",
          "osx-aarch64", "<family>mac</family><arch>aarch64</arch>",
          "win-x86_64", "<family>windows</family><arch>amd64</arch>");

  private static final String ALONE =
      "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>";

  private record Dependency(String group, String artifact, String version, String scope) {}

  private final Path distribution;
  private final Path sources;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, Dependency> managed = new HashMap<>();
  private final List<Dependency> inherited;

  private MavenRepository(Path distribution, Path sources) throws IOException {
    this.distribution = distribution;
    this.sources = sources;
    Element root = read(sources.resolve("pom.xml"));
    for (Element property : children(child(root, "properties"))) {
      properties.put(property.getTagName(), property.getTextContent().strip());
    }
    properties.put("project.version", text(root, "version"));
    for (Dependency dependency : dependencies(child(root, "dependencyManagement"))) {
      managed.putIfAbsent(dependency.group() + ":" + dependency.artifact(), dependency);
    }
    inherited = dependencies(read(sources.resolve("bundles/pom.xml")));
  }

  /**
   * @param args the distribution's folder; the folder of the sources it was built from
   * @throws IOException if something cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    MavenRepository maven = new MavenRepository(Path.of(args[0]), Path.of(args[1]));
    Path repository = maven.distribution.resolve("repository");
    for (Path jar : files(repository.resolve(GROUP.replace('.', '/')), ".jar")) {
      String artifact = jar.getParent().getParent().getFileName().toString();
      Files.writeString(
          jar.resolveSibling(jar.getFileName().toString().replaceAll("jar$", "pom")),
          maven.pom(artifact));
    }
    Files.writeString(
        repository.resolve("archetype-catalog.xml"),
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <archetype-catalog>
          <archetypes>
            <archetype><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version><description>A plugin for Riglab</description></archetype>
          </archetypes>
        </archetype-catalog>
        """
            .formatted(GROUP, ARCHETYPE, maven.properties.get("project.version")));
    for (String ending : List.of(".jar", ".pom", ".xml")) {
      for (Path file : files(repository, ending)) {
        Files.writeString(
            file.resolveSibling(file.getFileName() + ".sha1"), Digests.digest("SHA-1", file));
      }
    }
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(ending)).toList();
    }
  }

  private String pom(String artifact) throws IOException {
    Element project = read(sources.resolve("bundles").resolve(artifact).resolve("pom.xml"));
    Map<String, Dependency> needed = new LinkedHashMap<>();
    boolean runs = false;
    for (Dependency dependency : dependencies(project)) {
      if (dependency.artifact().startsWith(NATIVES)) {
        runs |= !dependency.scope().equals("test");
      } else if (needed(dependency)) {
        needed.put(dependency.artifact(), dependency);
      }
    }
    for (Dependency dependency : inherited) {
      if (!dependency.scope().equals("test")) {
        needed.put(dependency.artifact(), dependency);
      }
    }
    StringBuilder pom = new StringBuilder();
    pom.append(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>%s</groupId>
          <artifactId>%s</artifactId>
          <version>%s</version>
          <name>%s</name>
          <description>%s</description>
          <licenses><license><name>Apache-2.0</name></license></licenses>
          <dependencies>
        """
            .formatted(
                GROUP,
                artifact,
                properties.get("project.version"),
                escaped(text(project, "name")),
                escaped(text(project, "description"))));
    needed.values().forEach(d -> pom.append("    ").append(xml(d)).append('\n'));
    pom.append("  </dependencies>\n");
    if (runs) {
      pom.append("  <profiles>\n");
      for (Map.Entry<String, String> platform : PLATFORMS.entrySet()) {
        Dependency natives =
            new Dependency(
                GROUP, NATIVES + platform.getKey(), properties.get("project.version"), "");
        if (carried(natives)) {
          pom.append(
              "    <profile><id>%s</id><activation><os>%s</os></activation><dependencies>%s</dependencies></profile>%n"
                  .formatted(platform.getKey(), platform.getValue(), xml(natives)));
        }
      }
      pom.append("  </profiles>\n");
    }
    return pom.append("</project>\n").toString();
  }

  /** What is 'provided' and not in the distribution is in the bundle itself. */
  private boolean needed(Dependency dependency) {
    return switch (dependency.scope()) {
      case "test" -> false;
      case "provided" -> carried(dependency);
      default -> true;
    };
  }

  /** What the distribution carries runs in it without anything that it might ask for elsewhere. */
  private String xml(Dependency d) {
    return "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>%s</dependency>"
        .formatted(
            d.group(),
            d.artifact(),
            d.version(),
            !d.group().equals(GROUP) && carried(d) ? ALONE : "");
  }

  private boolean carried(Dependency d) {
    String jar = d.artifact() + "-" + d.version() + ".jar";
    return Files.exists(distribution.resolve("lib").resolve(jar))
        || Files.exists(
            distribution
                .resolve("repository")
                .resolve(d.group().replace('.', '/'))
                .resolve(d.artifact())
                .resolve(d.version())
                .resolve(jar));
  }

  private List<Dependency> dependencies(Element parent) {
    List<Dependency> dependencies = new ArrayList<>();
    for (Element e : children(child(parent, "dependencies"))) {
      String group = text(e, "groupId");
      String artifact = text(e, "artifactId");
      Dependency preset =
          managed.getOrDefault(group + ":" + artifact, new Dependency(group, artifact, "", ""));
      String version = text(e, "version");
      String scope = text(e, "scope");
      dependencies.add(
          new Dependency(
              group,
              artifact,
              version.isEmpty() ? preset.version() : version,
              scope.isEmpty() ? preset.scope() : scope));
    }
    return dependencies;
  }

  private static Element read(Path pom) throws IOException {
    try (InputStream in = Files.newInputStream(pom)) {
      return DocumentBuilderFactory.newDefaultInstance()
          .newDocumentBuilder()
          .parse(in)
          .getDocumentElement();
    } catch (SAXException | ParserConfigurationException e) {
      throw new IOException("cannot read " + pom + ": " + e.getMessage(), e);
    }
  }

  private static List<Element> children(Element parent) {
    List<Element> children = new ArrayList<>();
    for (Node n = parent == null ? null : parent.getFirstChild();
        n != null;
        n = n.getNextSibling()) {
      if (n instanceof Element element) {
        children.add(element);
      }
    }
    return children;
  }

  private static Element child(Element parent, String name) {
    return children(parent).stream()
        .filter(e -> e.getTagName().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** The text of a child, its properties filled in; empty if there is none. */
  private String text(Element parent, String name) {
    Element child = child(parent, name);
    return child == null
        ? ""
        : PROPERTY
            .matcher(child.getTextContent().strip())
            .replaceAll(
                m -> Matcher.quoteReplacement(properties.getOrDefault(m.group(1), m.group())));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
