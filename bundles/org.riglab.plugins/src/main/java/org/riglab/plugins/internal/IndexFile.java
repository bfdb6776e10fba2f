package org.riglab.plugins.internal;

import java.io.InputStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.namespace.PackageNamespace;

/** Reads and writes an index of the OSGi Repository specification (OSGi Compendium 8, 132.5). */
final class IndexFile {
  static final String NAMESPACE = "http://www.osgi.org/xmlns/repository/v1.0.0";
  private static final String CONTENT = "osgi.content";
  private static final String PART = "org.riglab.part";
  private static final String FILTER = "filter";
  private static final String SIGNED = "org.riglab.signed";

  private IndexFile() {}

  /**
   * A bundle in an index.
   *
   * @param name symbolic name
   * @param version of the bundle
   * @param about description, may be empty
   * @param license may be empty
   * @param parts as in {@link org.riglab.api.bench.Catalogue.Offer#parts}
   * @param url of the jar, relative to the index or absolute
   * @param sha256 of the jar
   * @param bytes of the jar
   * @param signed whether it has a signature
   * @param filters of the packages that it requires
   */
  record Resource(
      String name,
      Version version,
      String about,
      String license,
      List<String> parts,
      String url,
      String sha256,
      long bytes,
      boolean signed,
      List<String> filters) {}

  /** A capability or requirement as it is read. */
  private record Clause(String namespace, boolean required, Map<String, String> values) {}

  static List<Resource> read(InputStream in) throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newInstance();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    XMLStreamReader xml = factory.createXMLStreamReader(in);
    List<Resource> resources = new ArrayList<>();
    List<Clause> clauses = new ArrayList<>();
    boolean repository = false;
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.START_ELEMENT) {
        switch (xml.getLocalName()) {
          case "repository" -> repository = true;
          case "resource" -> clauses.clear();
          case "capability", "requirement" ->
              clauses.add(
                  new Clause(
                      String.valueOf(xml.getAttributeValue(null, "namespace")),
                      xml.getLocalName().equals("requirement"),
                      new LinkedHashMap<>()));
          case "attribute", "directive" -> {
            String name = xml.getAttributeValue(null, "name");
            String value = xml.getAttributeValue(null, "value");
            if (!clauses.isEmpty() && name != null && value != null) {
              clauses.get(clauses.size() - 1).values().put(name, value);
            }
          }
          default -> {}
        }
      } else if (event == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals("resource")) {
        resources.add(resource(clauses));
      }
    }
    if (!repository) {
      throw new XMLStreamException("it has no element repository");
    }
    return resources;
  }

  private static Resource resource(List<Clause> clauses) throws XMLStreamException {
    Map<String, String> identity = one(clauses, IdentityNamespace.IDENTITY_NAMESPACE);
    Map<String, String> content = one(clauses, CONTENT);
    try {
      return new Resource(
          required(identity, IdentityNamespace.IDENTITY_NAMESPACE),
          Version.parseVersion(identity.get(IdentityNamespace.CAPABILITY_VERSION_ATTRIBUTE)),
          identity.getOrDefault(IdentityNamespace.CAPABILITY_DESCRIPTION_ATTRIBUTE, ""),
          identity.getOrDefault(IdentityNamespace.CAPABILITY_LICENSE_ATTRIBUTE, ""),
          clauses.stream()
              .filter(c -> c.namespace().equals(PART))
              .map(c -> c.values().getOrDefault(PART, ""))
              .toList(),
          required(content, "url"),
          required(content, CONTENT),
          Long.parseLong(content.getOrDefault("size", "0")),
          Boolean.parseBoolean(identity.get(SIGNED)),
          clauses.stream()
              .filter(
                  c ->
                      c.required()
                          && c.namespace().equals(PackageNamespace.PACKAGE_NAMESPACE)
                          && !"optional".equals(c.values().get("resolution"))
                          && !"dynamic".equals(c.values().get("resolution")))
              .map(c -> c.values().getOrDefault(FILTER, ""))
              .toList());
    } catch (IllegalArgumentException e) {
      throw new XMLStreamException(e.getMessage(), e);
    }
  }

  private static Map<String, String> one(List<Clause> clauses, String namespace)
      throws XMLStreamException {
    return clauses.stream()
        .filter(c -> !c.required() && c.namespace().equals(namespace))
        .findFirst()
        .orElseThrow(() -> new XMLStreamException("a resource has no capability " + namespace))
        .values();
  }

  private static String required(Map<String, String> values, String name)
      throws XMLStreamException {
    String value = values.get(name);
    if (value == null) {
      throw new XMLStreamException("a resource has no attribute " + name);
    }
    return value;
  }

  static String write(List<Resource> resources, long increment) throws XMLStreamException {
    StringWriter text = new StringWriter();
    XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
    xml.writeStartDocument("UTF-8", "1.0");
    line(xml, 0);
    xml.writeStartElement("repository");
    xml.writeDefaultNamespace(NAMESPACE);
    xml.writeAttribute("name", "Riglab plugins");
    xml.writeAttribute("increment", Long.toString(increment));
    for (Resource resource : resources) {
      write(xml, resource);
    }
    line(xml, 0);
    xml.writeEndElement();
    xml.writeEndDocument();
    xml.close();
    return text + "\n";
  }

  private static void write(XMLStreamWriter xml, Resource r) throws XMLStreamException {
    line(xml, 1);
    xml.writeStartElement("resource");
    begin(xml, "capability", IdentityNamespace.IDENTITY_NAMESPACE);
    value(xml, "attribute", IdentityNamespace.IDENTITY_NAMESPACE, "", r.name());
    value(xml, "attribute", "version", "Version", r.version().toString());
    value(xml, "attribute", "type", "", IdentityNamespace.TYPE_BUNDLE);
    if (!r.about().isEmpty()) {
      value(xml, "attribute", "description", "", r.about());
    }
    if (!r.license().isEmpty()) {
      value(xml, "attribute", "license", "", r.license());
    }
    value(xml, "attribute", SIGNED, "", Boolean.toString(r.signed()));
    end(xml);
    begin(xml, "capability", CONTENT);
    value(xml, "attribute", CONTENT, "", r.sha256());
    value(xml, "attribute", "url", "", r.url());
    value(xml, "attribute", "size", "Long", Long.toString(r.bytes()));
    value(xml, "attribute", "mime", "", "application/vnd.osgi.bundle");
    end(xml);
    for (String part : r.parts()) {
      begin(xml, "capability", PART);
      value(xml, "attribute", PART, "", part);
      end(xml);
    }
    for (String filter : r.filters()) {
      begin(xml, "requirement", PackageNamespace.PACKAGE_NAMESPACE);
      value(xml, "directive", FILTER, "", filter);
      end(xml);
    }
    line(xml, 1);
    xml.writeEndElement();
  }

  private static void begin(XMLStreamWriter xml, String element, String namespace)
      throws XMLStreamException {
    line(xml, 2);
    xml.writeStartElement(element);
    xml.writeAttribute("namespace", namespace);
  }

  private static void end(XMLStreamWriter xml) throws XMLStreamException {
    line(xml, 2);
    xml.writeEndElement();
  }

  private static void value(
      XMLStreamWriter xml, String element, String name, String type, String value)
      throws XMLStreamException {
    line(xml, 3);
    xml.writeEmptyElement(element);
    xml.writeAttribute("name", name);
    if (!type.isEmpty()) {
      xml.writeAttribute("type", type);
    }
    xml.writeAttribute("value", value);
  }

  private static void line(XMLStreamWriter xml, int depth) throws XMLStreamException {
    xml.writeCharacters("\n" + "  ".repeat(depth));
  }
}
