package org.riglab.plugins.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
    return described(jar).keySet();
  }

  /**
   * @param jar a plugin
   * @return the description of each part, which may be empty, by its kind and name
   * @throws RigException if a description is not readable
   */
  static Map<String, String> described(PluginJar jar) {
    String header = jar.contents().manifest().getMainAttributes().getValue("Service-Component");
    Map<String, String> parts = new TreeMap<>();
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

  private static void read(InputStream in, Map<String, String> parts) throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newInstance();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    XMLStreamReader xml = factory.createXMLStreamReader(in);
    List<String> names = new ArrayList<>();
    String about = "";
    Set<String> kinds = new LinkedHashSet<>();
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.START_ELEMENT) {
        switch (xml.getLocalName()) {
          case "component" -> {
            names.clear();
            about = "";
            kinds.clear();
          }
          case "property" -> {
            String property = String.valueOf(xml.getAttributeValue(null, "name"));
            if (property.equals(Provider.NAME)) {
              names.add(value(xml));
            } else if (property.equals(Provider.ABOUT)) {
              about = value(xml);
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
        for (String kind : kinds) {
          for (String name : names) {
            parts.put(kind + " " + name, about);
          }
        }
      }
    }
  }

  private static String value(XMLStreamReader xml) throws XMLStreamException {
    String value = xml.getAttributeValue(null, "value");
    return value == null ? xml.getElementText().strip() : value;
  }
}
