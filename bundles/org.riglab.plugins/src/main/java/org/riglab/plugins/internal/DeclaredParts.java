package org.riglab.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Kinds;

/** Which parts a jar will provide, by the descriptions of its components: nothing of it runs. */
final class DeclaredParts {
  private DeclaredParts() {}

  /**
   * @param jar a plugin
   * @return kind and name of each part, sorted, for example {@code gate channel-spatial}
   * @throws RigException if a description is not readable
   */
  static Set<String> of(PluginJar jar) {
    String header = jar.contents().manifest().getMainAttributes().getValue("Service-Component");
    Set<String> parts = new TreeSet<>();
    if (header == null) {
      return parts; // its activator registers them
    }
    for (String clause : header.split(",")) {
      for (String entry : matching(clause.split(";", 2)[0].trim(), jar.contents().entries())) {
        try (InputStream in = JarContents.open(jar.file(), entry)) {
          read(in, parts);
        } catch (IOException | XMLStreamException e) {
          throw new RigException(
              "plugin %s has no readable %s: %s"
                  .formatted(jar.title(), entry, PluginJar.oneLine(e.getMessage())),
              e);
        }
      }
    }
    return parts;
  }

  /** The last segment may have wildcards. */
  private static List<String> matching(String path, Set<String> entries) {
    if (path.indexOf('*') < 0) {
      return List.of(path);
    }
    PathMatcher matcher =
        FileSystems.getDefault()
            .getPathMatcher("glob:" + path.replaceAll("[\\[\\]{}?\\\\]", "\\\\$0"));
    return entries.stream().filter(e -> matcher.matches(Path.of(e))).sorted().toList();
  }

  private static void read(InputStream in, Set<String> parts) throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newInstance();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    XMLStreamReader xml = factory.createXMLStreamReader(in);
    List<String> names = new ArrayList<>();
    Set<String> kinds = new LinkedHashSet<>();
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.START_ELEMENT) {
        switch (xml.getLocalName()) {
          case "component" -> {
            names.clear();
            kinds.clear();
          }
          case "property" -> {
            if (Provider.NAME.equals(xml.getAttributeValue(null, "name"))) {
              String value = xml.getAttributeValue(null, "value");
              names.add(value == null ? xml.getElementText().strip() : value);
            }
          }
          case "provide" -> {
            String type = xml.getAttributeValue(null, "interface");
            Optional.ofNullable(type).flatMap(Kinds::of).ifPresent(kinds::add);
          }
          default -> {}
        }
      } else if (event == XMLStreamConstants.END_ELEMENT
          && xml.getLocalName().equals("component")) {
        kinds.forEach(kind -> names.forEach(name -> parts.add(kind + " " + name)));
      }
    }
  }
}
