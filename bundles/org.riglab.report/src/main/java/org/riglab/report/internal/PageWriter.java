package org.riglab.report.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.riglab.api.bench.Report.Page;
import org.riglab.base.AtomicFile;

/** Writes a report page. */
final class PageWriter {
  private PageWriter() {}

  /**
   * @param directory of the page
   * @param page what is on it
   * @return the page's file; written last, when all its pictures are there
   */
  static Path write(Path directory, Page page) {
    Html html = new Html();
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append(Html.element("title", page.title()))
        .append("\n<style>\n" + styleSheet() + "</style>\n</head>\n<body>\n<main>\n")
        .append(Html.element("h1", page.title()) + "\n");
    page.summary().forEach(paragraph -> html.append(Html.element("p", paragraph) + "\n"));
    ResultTables.write(html, page);
    ConfusionSection.write(html, directory, page);
    TrainingSection.write(html, page);
    ExampleSection.write(html, directory, page);
    ProvenanceSection.write(html, page.entries());
    html.append("</main>\n</body>\n</html>\n");
    Path file = directory.resolve("index.html");
    AtomicFile.writeText(file, html.toString());
    return file;
  }

  private static String styleSheet() {
    try (InputStream in = PageWriter.class.getResourceAsStream("page.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
