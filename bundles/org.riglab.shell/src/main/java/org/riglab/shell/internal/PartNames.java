package org.riglab.shell.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.riglab.api.Provider;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The names of parts in a component description of OSGi Declarative Services. */
final class PartNames {
  private PartNames() {}

  /**
   * Appends a suffix to names of parts.
   *
   * @param xml a component description
   * @param names the names to change
   * @param suffix what is appended
   * @return the changed description
   * @throws IOException if it is not readable
   */
  static byte[] suffixed(InputStream xml, Set<String> names, String suffix) throws IOException {
    try {
      DocumentBuilderFactory parsers = DocumentBuilderFactory.newInstance();
      parsers.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      parsers.setNamespaceAware(true);
      Document document = parsers.newDocumentBuilder().parse(xml);
      NodeList properties = document.getElementsByTagName("property");
      for (int i = 0; i < properties.getLength(); i++) {
        rename((Element) properties.item(i), names, suffix);
      }
      TransformerFactory writers = TransformerFactory.newInstance();
      writers.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      writers.newTransformer().transform(new DOMSource(document), new StreamResult(bytes));
      return bytes.toByteArray();
    } catch (ParserConfigurationException | SAXException | TransformerException e) {
      throw new IOException(e);
    }
  }

  private static void rename(Element property, Set<String> names, String suffix) {
    if (!property.getAttribute("name").equals(Provider.NAME)) {
      return;
    }
    if (property.hasAttribute("value")) {
      String name = property.getAttribute("value");
      if (names.contains(name)) {
        property.setAttribute("value", name + suffix);
      }
    } else if (names.contains(property.getTextContent().strip())) {
      property.setTextContent(property.getTextContent().strip() + suffix);
    }
  }
}
