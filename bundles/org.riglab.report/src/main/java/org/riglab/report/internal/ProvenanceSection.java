package org.riglab.report.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Report.Entry;
import org.riglab.api.bench.Training;

/** Everything that is needed to get the same numbers again. */
final class ProvenanceSection {
  private final Html html;

  private ProvenanceSection(Html html) {
    this.html = html;
  }

  /**
   * @param html to append to; nothing if there are no networks
   * @param entries the networks
   */
  static void write(Html html, List<Entry> entries) {
    if (!entries.isEmpty()) {
      new ProvenanceSection(html).write(entries);
    }
  }

  private void write(List<Entry> entries) {
    html.append("<section>\n<h2>Specs and provenance</h2>\n");
    for (Entry entry : entries) {
      html.append("<details>\n" + Html.element("summary", entry.title()) + "\n");
      // A network whose parts were swapped between its evaluations is told once per state.
      Map<Object, Map<String, Evaluation>> states = new LinkedHashMap<>();
      entry
          .evaluations()
          .forEach(
              (title, e) ->
                  states
                      .computeIfAbsent(
                          List.of(e.networkSpec(), e.parts()), key -> new LinkedHashMap<>())
                      .put(title, e));
      for (Map<String, Evaluation> evaluations : states.values()) {
        Evaluation any = evaluations.values().iterator().next();
        heading("Network: " + String.join(", ", evaluations.keySet()));
        fields(any.networkSpec());
        parts(any.parts());
        evaluations.forEach(this::evaluation);
      }
      for (Training training : entry.trainings()) {
        heading("Training: " + training.run());
        fields(training.spec());
      }
      html.append("</details>\n");
    }
    html.append("</section>\n");
  }

  private void heading(String text) {
    html.append(Html.element("h3", text) + "\n");
  }

  private void evaluation(String title, Evaluation evaluation) {
    heading("Evaluation: " + title);
    html.append("<dl>\n");
    SpecFields.of(evaluation.spec()).forEach(this::field);
    field("images", String.valueOf(evaluation.images()));
    html.append(Html.element("dt", "fingerprint"))
        .append("<dd>" + Html.element("code", evaluation.fingerprint()) + "</dd>\n</dl>\n");
  }

  private void fields(Record record) {
    html.append("<dl>\n");
    SpecFields.of(record).forEach(this::field);
    html.append("</dl>\n");
  }

  private void field(String name, String value) {
    html.append(Html.element("dt", name) + Html.element("dd", value) + "\n");
  }

  private void parts(List<PartInfo> parts) {
    html.beginTable("Parts");
    for (String title : List.of("Part", "Name", "Bundle", "Version", "SHA-256")) {
      html.columnHeader(title, Html.WORDS);
    }
    html.beginBody();
    for (PartInfo part : parts) {
      html.beginRow(false, "", part.kind());
      html.words(part.name());
      html.words(part.bundle());
      html.words(part.version());
      html.append("<td class=\"text\">" + Html.element("code", part.sha256()) + "</td>");
      html.endRow();
    }
    html.endTable();
  }
}
