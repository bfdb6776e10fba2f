package org.riglab.shell.internal;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;
import org.riglab.api.RigException;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;

/**
 * The levels of loggers, in the file of the home that Logback's configuration includes and watches
 * in every process.
 */
final class LogLevels {
  private final Path file;

  /**
   * @param home of networks, runs and configuration
   */
  LogLevels(Path home) {
    this.file = home.resolve("config/logging.xml");
  }

  /**
   * @return the levels that were set, by logger
   */
  Map<String, String> all() {
    Map<String, String> levels = new TreeMap<>();
    try {
      XMLInputFactory factory = XMLInputFactory.newInstance();
      factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
      XMLStreamReader xml = factory.createXMLStreamReader(new StringReader(Files.readString(file)));
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamReader.START_ELEMENT && xml.getLocalName().equals("logger")) {
          String name = xml.getAttributeValue(null, "name");
          String level = xml.getAttributeValue(null, "level");
          if (name != null && level != null) {
            levels.put(name, level);
          }
        }
      }
    } catch (NoSuchFileException e) {
      return levels;
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    } catch (XMLStreamException e) {
      throw new RigException(
          file + " is not valid; delete it to reset the levels: " + e.getMessage(), e);
    }
    return levels;
  }

  /**
   * @param levels by logger; replaces all
   */
  void write(Map<String, String> levels) {
    try {
      StringWriter text = new StringWriter();
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      xml.writeStartElement("included");
      for (Map.Entry<String, String> level : levels.entrySet()) {
        xml.writeCharacters("\n  ");
        xml.writeEmptyElement("logger");
        xml.writeAttribute("name", level.getKey());
        xml.writeAttribute("level", level.getValue());
      }
      xml.writeCharacters("\n");
      xml.writeEndElement();
      xml.close();
      Files.createDirectories(file.getParent());
      AtomicFile.writeText(file, text + "\n");
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a text takes everything", e);
    }
  }
}
