package org.riglab.networks.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImportReport;
import org.riglab.api.bench.ImportReport.Fate;
import org.riglab.api.bench.ImportReport.Row;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.ImportSpec.ExtraInputs;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFile.Info;

/** What of a file goes where in a network; made from names and shapes alone. */
final class ImportPlan {
  private static final int RGB = 3;
  private static final String GATES = "gates.";

  private final Path file;
  private final TensorFile source;
  private final Map<String, Info> infos;
  private final Map<String, List<Long>> shapes;
  private final Optional<String> firstConvolution;
  private final ImportSpec spec;
  private final OutputMap outputs;
  private final Naming naming;
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Set<String> widened = new HashSet<>();
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param file of the source, for messages
   * @param shapes the network's
   * @param firstConvolution the name of the network's first weight, if it takes more than RGB
   * @param outputs which output of the file is which class
   */
  ImportPlan(
      Path file,
      TensorFile source,
      Map<String, List<Long>> shapes,
      Optional<String> firstConvolution,
      OutputMap outputs,
      ImportSpec spec) {
    this.file = file;
    this.source = source;
    this.infos = source.tensors();
    this.shapes = shapes;
    this.firstConvolution = firstConvolution;
    this.outputs = outputs;
    this.spec = spec;
    this.naming =
        Naming.choose(
            file,
            shapes.keySet(),
            infos.keySet(),
            spec.prefixes(),
            (from, to) -> fits(from, to) || widens(from, to));
    match();
    check();
  }

  private boolean fits(String from, String to) {
    return infos.get(from).shape().equals(shapes.get(to)) || reshapes(from, to) || maps(from, to);
  }

  private boolean maps(String from, String to) {
    return outputs.fits(infos.get(from).shape(), shapes.get(to), to);
  }

  /** Whether a linear layer's weight (out, in * k * k) is a convolution's (out, in, k, k). */
  private boolean reshapes(String from, String to) {
    List<Long> linear = infos.get(from).shape();
    List<Long> convolution = shapes.get(to);
    return linear.size() == 2
        && convolution.size() == 4
        && linear.get(0).equals(convolution.get(0))
        && linear.get(1) == convolution.get(1) * convolution.get(2) * convolution.get(3);
  }

  /** Whether a convolution for RGB can fill part of one that takes more channels. */
  private boolean widens(String from, String to) {
    if (spec.strict() || !Optional.of(to).equals(firstConvolution)) {
      return false;
    }
    List<Long> rgb = new ArrayList<>(shapes.get(to));
    rgb.set(1, (long) RGB);
    return infos.get(from).shape().equals(rgb);
  }

  private void match() {
    Map<String, String> byTarget = new HashMap<>();
    List<Row> rest = new ArrayList<>();
    for (String from : infos.keySet()) {
      String to = naming.target(from, shapes.keySet());
      if (!shapes.containsKey(to)) {
        String ignored = naming.ignored(from);
        rest.add(
            row(
                ignored == null ? Fate.LEFT_OVER : Fate.IGNORED,
                from,
                "",
                ignored == null ? "the network has no such tensor" : ignored));
      } else if (byTarget.containsKey(to)) {
        rest.add(row(Fate.LEFT_OVER, from, "", to + " is " + byTarget.get(to) + " already"));
      } else {
        byTarget.put(to, from);
      }
    }
    for (Map.Entry<String, List<Long>> entry : shapes.entrySet()) {
      String to = entry.getKey();
      String like = WeightMatching.source(to, byTarget.keySet());
      String from = byTarget.get(like);
      if (from == null) {
        rows.add(new Row(Fate.MISSING, "", to, "", entry.getValue(), ""));
      } else if (fits(from, to)) {
        sources.put(to, from);
        String note =
            reshapes(from, to)
                ? "from a linear layer, read as a convolution"
                : maps(from, to)
                    ? "outputs mapped to classes"
                    : like.equals(to) ? "" : "statistics of " + like;
        rows.add(row(Fate.MATCHED, from, to, note));
      } else if (widens(from, to)) {
        sources.put(to, from);
        widened.add(to);
        rows.add(
            row(
                Fate.MATCHED,
                from,
                to,
                "the first %d of %d input channels; the others %s"
                    .formatted(
                        RGB,
                        entry.getValue().get(1),
                        spec.extraInputs() == ExtraInputs.ZERO ? "are 0" : "remain unchanged")));
      } else {
        String why =
            "its shape is %s, the network's %s"
                .formatted(infos.get(from).shape(), entry.getValue());
        rows.add(new Row(Fate.MISSING, "", to, "", entry.getValue(), "another shape in the file"));
        if (like.equals(to)) {
          rest.add(row(Fate.LEFT_OVER, from, to, why));
        }
      }
    }
    rows.addAll(rest);
  }

  private Row row(Fate fate, String from, String to, String note) {
    Info info = infos.get(from);
    return new Row(fate, from, to, info.dtype().torch(), info.shape(), note);
  }

  private List<Row> rows(Fate fate) {
    return rows.stream().filter(row -> row.fate() == fate).toList();
  }

  private void check() {
    for (String prefix : spec.prefixes().keySet()) {
      if (infos.keySet().stream().noneMatch(name -> starts(name, prefix))) {
        throw new RigException(
            "no tensor in %s has a name that starts with '%s'; it has %s"
                .formatted(file, prefix, some()));
      }
    }
    List<Row> left = rows(Fate.LEFT_OVER);
    if (sources.isEmpty()) {
      Optional<Row> other = left.stream().filter(row -> shapes.containsKey(row.name())).findFirst();
      throw new RigException(
          "nothing in %s fits the network; it has %s, the network has %s"
              .formatted(
                  file,
                  other
                      .map(row -> row.name() + " of " + row.shape())
                      .orElseGet(() -> some().toString()),
                  other
                      .map(row -> String.valueOf(shapes.get(row.name())))
                      .orElse(shapes.keySet().stream().limit(3).toList().toString())));
    }
    checkOutputs();
    List<Row> missing = rows(Fate.MISSING);
    if (spec.strict() && !(missing.isEmpty() && left.isEmpty())) {
      throw new RigException(
          "%s does not fit the network: missing tensors: %d%s, left over: %d%s"
              .formatted(
                  file,
                  missing.size(),
                  missing.isEmpty() ? "" : " (first: %s)".formatted(missing.get(0).name()),
                  left.size(),
                  left.isEmpty() ? "" : " (first: %s)".formatted(described(left.get(0)))));
    }
  }

  private void checkOutputs() {
    int mapped = 0;
    for (Map.Entry<String, String> pair : sources.entrySet()) {
      String to = pair.getKey();
      String from = pair.getValue();
      if (maps(from, to)) {
        outputs.check(file, from, infos.get(from).shape(), to);
        mapped++;
      } else if (!outputs.axes().isEmpty()
          && (to.startsWith(GATES)
              || Optional.of(to).equals(firstConvolution) && !widened.contains(to))) {
        throw new RigException(
            "%s: %s takes feedback in the order of the file's classes; only weights without feedback can be mapped to other classes"
                .formatted(file, from));
      }
    }
    if (mapped == 0 && !outputs.axes().isEmpty()) {
      throw new RigException(
          "%s has no outputs for the classes: no tensor in it fits %s of the network"
              .formatted(file, String.join(", ", outputs.axes().keySet())));
    }
  }

  private boolean starts(String name, String prefix) {
    String whole = name.replace('/', '.');
    return whole.startsWith(prefix)
        || name.startsWith(naming.wrapper()) && whole.startsWith(prefix, naming.wrapper().length());
  }

  private List<String> some() {
    return infos.keySet().stream().limit(3).toList();
  }

  private static String described(Row row) {
    return row.source() + ": " + row.note();
  }

  /** Whether the file is all the network needs, and nothing else. */
  boolean complete() {
    return rows.stream()
        .noneMatch(row -> row.fate() == Fate.MISSING || row.fate() == Fate.LEFT_OVER);
  }

  /**
   * Reads the values.
   *
   * @param present the network's own values by name; asked where they are kept in part
   * @return by the network's names
   * @throws RigException if a value is not finite and the spec does not allow it
   */
  Map<String, HostTensor> values(Function<String, float[]> present) {
    Map<String, HostTensor> values = new LinkedHashMap<>();
    sources.forEach(
        (to, from) -> {
          HostTensor tensor = source.floats(from);
          requireFinite(from, tensor.values());
          values.put(
              to,
              widened.contains(to)
                  ? wide(tensor, to, present)
                  : maps(from, to)
                      ? outputs.mapped(tensor, to)
                      : new HostTensor(shapes.get(to), tensor.values()));
        });
    return values;
  }

  private void requireFinite(String name, float... values) {
    int wrong = 0;
    for (float value : values) {
      wrong += Float.isFinite(value) ? 0 : 1;
    }
    if (wrong > 0 && !spec.nonFinite()) {
      throw new RigException(
          "%s: %d of the %d values of %s are NaN or infinite in float32; --non-finite reads them nevertheless"
              .formatted(file, wrong, values.length, name));
    }
  }

  private HostTensor wide(HostTensor narrow, String to, Function<String, float[]> present) {
    List<Long> shape = shapes.get(to);
    float[] values = present.apply(to);
    if (spec.extraInputs() == ExtraInputs.ZERO) {
      Arrays.fill(values, 0);
    }
    int outputs = Math.toIntExact(shape.get(0));
    int few = narrow.values().length / outputs;
    int many = values.length / outputs;
    for (int output = 0; output < outputs; output++) {
      System.arraycopy(narrow.values(), output * few, values, output * many, few);
    }
    return new HostTensor(shape, values);
  }

  /**
   * @param trainedOn the data set that the network takes over from the file; empty for none
   * @param pixels see {@link ImportReport#pixels}
   * @return the report
   */
  ImportReport report(String trainedOn, String pixels) {
    return new ImportReport(
        List.copyOf(sources.keySet()),
        rows(Fate.MISSING).stream().map(Row::name).toList(),
        rows(Fate.LEFT_OVER).stream()
            .map(row -> "%s (%s)".formatted(row.source(), row.note()))
            .toList(),
        rows(Fate.IGNORED).stream().map(Row::source).toList(),
        source.format(),
        naming.words(),
        trainedOn,
        pixels,
        List.copyOf(rows));
  }
}
