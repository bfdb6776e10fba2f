package org.riglab.report.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Report;
import org.w3c.dom.Document;

public final class PageWriterTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path file;
  private String html;

  @Before
  public void write() throws IOException {
    file = new ReportService().page(folder.getRoot().toPath().resolve("page"), Fixtures.page());
    html = Files.readString(file);
  }

  @Test
  public void resultsAreInPercentPerIteration() {
    assertEquals(
        List.of("56.0", "62.0", "68.0", "90.0", "79.0", "41.7", "200"),
        cells("mul-sigmoid</td>(.*)</tr>"));
    assertEquals(
        "what a network does not have is an en dash",
        List.of("52.0", "\u2013", "\u2013", "74.0", "63.0", "41.7", "200"),
        cells("<td class=\"text\">final</td>(.*)</tr>"));
    assertTrue("best of all", html.contains("<td class=\"best\">71.0</td>"));
    assertFalse(html.contains("<td class=\"best\">68.0</td>"));
  }

  @Test
  public void everyNetworkHasItsLastConfusionMatrix() throws IOException {
    Report.Page page = Fixtures.page();
    for (int i = 1; i <= page.entries().size(); i++) {
      String path = "pictures/confusion-" + i + ".png";
      assertTrue(html.contains("<a href=\"" + path + "\">"));
      assertTrue(path, Files.size(file.resolveSibling(path)) > 1000);
    }
    assertFalse(html.contains("confusion-" + (page.entries().size() + 1)));
  }

  @Test
  public void valuesThatAreNotDefinedAreEnDashes() {
    assertEquals(List.of("\u2013", "\u2013", "\u2013"), cells("rare thing</th>(.*)</tr>"));
    assertFalse(html.contains("NaN"));
    assertFalse(html.contains("Infinity"));
  }

  @Test
  public void whateverComesFromOutsideIsEscaped() throws IOException {
    assertTrue(html.contains("&lt;b&gt;&amp;</th>"));
    assertFalse(html.contains("<b>&"));
    String bad = "<script>'\"&";
    Report.Page page = Fixtures.page();
    Report.Entry entry = page.entries().get(0);
    Report.Row row = entry.rows().get(0);
    Report.Page evil =
        new Report.Page(
            bad,
            List.of(bad),
            List.of(
                new Report.Entry(
                    bad,
                    entry.trainings(),
                    Map.of(bad, Fixtures.evaluation(0.5, 1, false, new Random(1))),
                    List.of(
                        new Report.Row(
                            bad,
                            row.image(),
                            row.label(),
                            row.predictions(),
                            Map.of(bad, Fixtures.row(3, 64, 64, 2).maps().get("gate.4.t2")))))),
            page.classes());

    String written = Files.readString(new ReportService().page(folder.newFolder().toPath(), evil));

    assertFalse(written.contains("<script>"));
    assertFalse(written.contains(bad.substring(8)));
    // title, heading, summary; tables, keys, captions, alternative texts, details
    assertTrue(written.split("&lt;script&gt;&#39;&quot;&amp;", -1).length > 15);
  }

  @Test
  public void picturesAreThereWithAlternativeTexts() throws IOException {
    List<String> pictures = new ArrayList<>();
    for (MatchResult img : all("<img [^>]*>")) {
      String source = img.group().replaceAll(".* src=\"([^\"]*)\".*", "$1");
      pictures.add(source);
      assertTrue(source, Files.size(file.resolveSibling(source)) > 0);
      assertFalse(img.group().contains("alt=\"\""));
      assertTrue(img.group().contains("alt=\""));
    }
    // A confusion matrix each; two images each: 3 tiles, and 5 tiles with 4 maps
    assertEquals(2 + 2 * 3 + 2 * 9, pictures.size());
    assertEquals("pictures/1-1-1.png", pictures.get(2));
    assertEquals("pictures/2-2-9.png", pictures.get(25));
    assertTrue(html.contains("alt=\"label of scene_3: background, disc, "));
    assertTrue(html.contains("alt=\"gate.4.t2 of scene_3 in rignet 6..4, u = 3, 0.301 to 0.700\""));
  }

  @Test
  public void needsNoScriptAndNoNetwork() {
    assertFalse(html.contains("<script"));
    assertFalse(html.contains("://"));
    assertFalse(html.replace("url(#", "").contains("url("));
  }

  @Test
  public void chartsAreWellFormedWithALinePerNetworkAndIteration() throws Exception {
    List<Document> charts = new ArrayList<>();
    for (MatchResult svg : all("(?s)<svg class=\"chart\".*?</svg>")) {
      charts.add(
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new ByteArrayInputStream(svg.group().getBytes(StandardCharsets.UTF_8))));
    }
    assertEquals(2, charts.size());
    assertEquals("raw and smooth", 2 * 2, lines(charts.get(0)).size());
    List<String> styles = lines(charts.get(1));
    assertEquals(List.of("line s0", "line s1 t1", "line s1 t2", "line s1"), styles);
    assertEquals(
        "a dot per validation of each answer",
        12 + 18,
        charts.get(1).getElementsByTagName("circle").getLength());
    assertEquals("joined at the swap", 3, html.split("class=\"join\"", -1).length - 1);
  }

  @Test
  public void specAndProvenanceAreTold() {
    assertEquals(2, all("<details>").size());
    assertTrue(html.contains("<dd>resnet18 (output_stride 8, width 16)</dd>"));
    assertTrue(html.contains("<dt>batch norm</dt><dd>per iteration</dd>"));
    assertTrue(html.contains("<dt>weight decay</dt><dd>1.0E-4</dd>"));
    assertTrue(html.contains("<code>" + "b5".repeat(32) + "</code>"));
    assertTrue(html.contains("<code>" + "9f".repeat(32) + "</code>"));
  }

  @Test
  public void samePageIsTheSameBytes() throws IOException {
    Path again =
        new ReportService().page(folder.getRoot().toPath().resolve("again"), Fixtures.page());
    for (String name : List.of("index.html", "pictures/2-2-9.png")) {
      assertArrayEquals(
          Files.readAllBytes(file.resolveSibling(name)),
          Files.readAllBytes(again.resolveSibling(name)));
    }
  }

  @Test
  public void pageWithoutNetworksHasTitleAndSummaryOnly() throws IOException {
    Report.Page page = new Report.Page("Empty", List.of("Nothing."), List.of(), Fixtures.CLASSES);

    String written = Files.readString(new ReportService().page(folder.newFolder().toPath(), page));

    assertTrue(written.contains("<h1>Empty</h1>\n<p>Nothing.</p>\n</main>"));
  }

  private List<String> cells(String row) {
    String cells = all(row).get(0).group(1);
    return Pattern.compile("<td[^>]*>([^<]*)</td>")
        .matcher(cells)
        .results()
        .map(r -> r.group(1))
        .toList();
  }

  private List<MatchResult> all(String pattern) {
    return Pattern.compile(pattern).matcher(html).results().toList();
  }

  private static List<String> lines(Document svg) {
    List<String> styles = new ArrayList<>();
    var paths = svg.getElementsByTagName("path");
    for (int i = 0; i < paths.getLength(); i++) {
      String style = paths.item(i).getAttributes().getNamedItem("class").getNodeValue();
      if (style.startsWith("line")) {
        styles.add(style);
      }
    }
    return styles;
  }
}
