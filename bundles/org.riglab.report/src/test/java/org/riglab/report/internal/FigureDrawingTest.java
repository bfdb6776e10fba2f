package org.riglab.report.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.Test;
import org.riglab.api.bench.Figure;
import org.riglab.api.bench.Figure.Series;
import org.riglab.api.bench.Figure.Style;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Diagrams: where points are, and that every SVG is a document by itself. */
public class FigureDrawingTest {
  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Element> elements(Document document, String name) {
    NodeList nodes = document.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @Test
  public void pointsStandWhereTheirNumbersAre() throws Exception {
    Figure figure =
        new Figure(
            "a < b",
            "cost",
            "mIoU %",
            List.of(
                new Series("one", Style.LINE, List.of(0.0, 1.0, 2.0), List.of(40.0, 50.0, 60.0)),
                new Series("two", Style.POINTS, List.of(1.0, 1.5), List.of(60.0, Double.NaN))));
    Document document = parse(new ReportService().svg(figure));
    assertEquals("a < b", elements(document, "title").get(0).getTextContent());
    List<Element> circles = elements(document, "circle");
    assertEquals("what is not finite has no point", 4, circles.size());
    assertEquals(
        number(circles.get(1), "cx"),
        (number(circles.get(0), "cx") + number(circles.get(2), "cx")) / 2,
        0.11);
    assertEquals(
        number(circles.get(1), "cy"),
        (number(circles.get(0), "cy") + number(circles.get(2), "cy")) / 2,
        0.11);
    assertTrue("up is more", number(circles.get(2), "cy") < number(circles.get(0), "cy"));
    assertEquals(number(circles.get(2), "cy"), number(circles.get(3), "cy"), 0);
    List<String> texts = elements(document, "text").stream().map(Element::getTextContent).toList();
    assertTrue(texts.toString(), texts.containsAll(List.of("one", "two", "cost", "mIoU %")));
  }

  @Test
  public void equalNumbersAndLongTitlesFitIntoTheDrawing() throws Exception {
    Figure figure =
        new Figure(
            "t".repeat(99),
            "iteration",
            "points",
            List.of(new Series("", Style.LINE, List.of(0.0005, 0.004), List.of(0.0, 0.0))));
    Document document = parse(new ReportService().svg(figure));
    for (Element text : elements(document, "text")) {
      double size = text.hasAttribute("font-size") ? number(text, "font-size") : 12;
      // a character of a bold font is about 0.62 of its size wide, a digit 0.56
      double width = text.getTextContent().length() * size * (size < 12 ? 0.62 : 0.56);
      String anchor = text.getAttribute("text-anchor");
      double left = anchor.equals("end") ? width : anchor.equals("middle") ? width / 2 : 0;
      assertTrue(text.getTextContent(), number(text, "x") - left >= 0);
      assertTrue(text.getTextContent(), number(text, "x") - left + width <= 560);
    }
    List<String> texts = elements(document, "text").stream().map(Element::getTextContent).toList();
    assertTrue(texts.toString(), texts.containsAll(List.of("-1.0", "0.0", "1.0")));
  }

  @Test
  public void barsReachFromZeroToTheirNumber() throws Exception {
    Figure figure =
        new Figure(
            "gain",
            "bin",
            "points",
            List.of(new Series("", Style.BARS, List.of(1.0, 2.0), List.of(2.0, -1.0))));
    List<Element> bars = elements(parse(new ReportService().svg(figure)), "rect");
    Element up = bars.get(1);
    Element down = bars.get(2);
    assertEquals(number(up, "height"), 2 * number(down, "height"), 0.21);
    assertEquals(number(up, "y") + number(up, "height"), number(down, "y"), 0.11);
  }

  @Test
  public void iterationsAreWholeNumbers() throws Exception {
    for (Style style : List.of(Style.BARS, Style.LINE)) {
      Figure figure =
          new Figure(
              "flips",
              "iteration",
              "%",
              List.of(new Series("", style, List.of(2.0, 3.0, 4.0), List.of(10.0, 20.0, 50.0))));
      List<String> texts =
          elements(parse(new ReportService().svg(figure)), "text").stream()
              .map(Element::getTextContent)
              .toList();
      assertEquals(
          List.of("2", "3", "4"),
          texts.stream()
              .filter(text -> text.matches("\\d([.]\\d)?"))
              .filter(text -> !text.equals("0"))
              .toList());
    }
  }

  @Test
  public void matricesHaveACellPerNumber() throws Exception {
    Figure.Matrix matrix =
        new Figure.Matrix(
            "u and u'",
            "u'",
            "u",
            List.of("1", "2"),
            List.of("1", "2"),
            List.of(List.of(10.04, 20.0), List.of(Double.NaN, 30.0)),
            1);
    Document document = parse(new ReportService().svg(matrix));
    List<String> texts = elements(document, "text").stream().map(Element::getTextContent).toList();
    assertEquals(4, elements(document, "rect").size());
    assertTrue(texts.toString(), texts.containsAll(List.of("10.0", "20.0", "30.0")));
    assertEquals("#fde725", elements(document, "rect").get(3).getAttribute("fill"));
    assertEquals("#440154", elements(document, "rect").get(1).getAttribute("fill"));
  }

  @Test
  public void drawsNothingWithoutNumbers() throws Exception {
    Figure figure = new Figure("empty", "x", "y", List.of());
    assertEquals(0, elements(parse(new ReportService().svg(figure)), "circle").size());
  }
}
