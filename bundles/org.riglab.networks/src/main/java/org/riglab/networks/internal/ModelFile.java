package org.riglab.networks.internal;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.base.Json;
import org.riglab.base.Names;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.inference.Halting;
import org.riglab.parts.PartSpecs;
import org.riglab.parts.RecordOptions;
import org.riglab.tensors.FiniteTensors;
import org.riglab.tensors.Safetensors;

/**
 * A network's file: its state dict, with everything else in the metadata, so that spec and weights
 * change together or not at all.
 *
 * @param spec of the network
 * @param trainedOn what its weights were trained on
 * @param parts that computed them: {@code KIND NAME} to {@code BUNDLE VERSION SHA-256}
 * @param metrics of the last evaluation in training, by name; empty if there was none
 */
record ModelFile(
    NetworkSpec spec, TrainedOn trainedOn, Map<String, String> parts, Map<String, Double> metrics) {
  static final String NAME = Session.FILE;

  /** The metadata's key for the SHA-256 of all values, as they lie in the file. */
  static final String DIGEST = "riglab.sha256";

  private static final String SPEC = "riglab.spec";
  private static final String TRAINED_ON = "riglab.trained_on";
  private static final String PIXELS = "riglab.pixels";
  private static final String PARTS = "riglab.parts";
  private static final String METRICS = "riglab.metrics";

  /** What a network with these parts would write. */
  static ModelFile of(
      NetworkSpec spec, TrainedOn trainedOn, List<PartInfo> parts, Map<String, Double> metrics) {
    Map<String, String> digests = new LinkedHashMap<>();
    for (PartInfo part : parts) {
      digests.put(
          part.kind() + " " + part.name(),
          part.bundle() + " " + part.version() + " " + part.sha256());
    }
    return new ModelFile(spec, trainedOn, digests, metrics);
  }

  /** A shape as files have it. */
  static List<Long> shape(Shape shape) {
    return LongStream.of(shape.getShape()).boxed().toList();
  }

  static ModelFile read(Path file) {
    try (Safetensors tensors = Safetensors.open(file)) {
      Map<String, String> metadata = tensors.metadata();
      String where = file.toString();
      if (!metadata.containsKey(SPEC) || !metadata.containsKey(TRAINED_ON)) {
        throw new RigException(file + " contains weights but no network: it has no " + SPEC);
      }
      Map<String, String> parts = new LinkedHashMap<>();
      object(metadata, PARTS, where).forEach((part, digest) -> parts.put(part, "" + digest));
      Map<String, Double> metrics = new LinkedHashMap<>();
      object(metadata, METRICS, where)
          .forEach(
              (name, value) -> {
                if (value instanceof Number number) {
                  metrics.put(name, number.doubleValue());
                }
              });
      return new ModelFile(
          Specs.read(Json.parse(metadata.get(SPEC), where), where),
          trainedOn(metadata, where).orElseThrow(),
          parts,
          metrics);
    }
  }

  private static Map<String, Object> object(
      Map<String, String> metadata, String key, String where) {
    return metadata.containsKey(key) ? Json.parse(metadata.get(key), where) : Map.of();
  }

  /** As {@link #write}, also with values that are NaN or infinite. */
  void writeNonFinite(Path file, Assembly assembly) {
    Safetensors.write(file, assembly.shapes(), assembly::floats, metadata());
  }

  /** Writes the file through a temporary one; refuses values that are NaN or infinite. */
  void write(Path file, Assembly assembly) {
    Safetensors.write(
        file, assembly.shapes(), FiniteTensors.of(assembly::floats, file), metadata());
  }

  /** Everything but the tensors. */
  Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(SPEC, Json.text(RecordOptions.values(spec)));
    metadata.put(TRAINED_ON, Json.text(json(trainedOn)));
    trainedOn.halting().write(metadata);
    metadata.put(PARTS, Json.text(parts));
    Map<String, Double> finite = new LinkedHashMap<>(metrics);
    finite.values().removeIf(value -> !Double.isFinite(value)); // JSON has no NaN
    if (!finite.isEmpty()) {
      metadata.put(METRICS, Json.text(finite));
    }
    return metadata;
  }

  private static Map<String, Object> json(TrainedOn trainedOn) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dataset", PartSpecs.write(trainedOn.dataset()));
    json.put("data", trainedOn.data());
    json.put("resize", trainedOn.resize());
    json.put("channels", trainedOn.normalization().channels().name().toLowerCase(Locale.ROOT));
    json.put("pixel_range", trainedOn.normalization().range());
    json.put("mean", trainedOn.normalization().mean());
    json.put("std", trainedOn.normalization().std());
    json.put("input_scales", trainedOn.inputs().scales());
    Map<String, Object> classes = new LinkedHashMap<>();
    for (ClassTable.Entry entry : trainedOn.classes().entries()) {
      classes.put(entry.name(), entry.rgb());
    }
    json.put("classes", classes);
    return json;
  }

  /**
   * @param metadata of a file
   * @param where it comes from, for error messages
   * @return what the file says its weights were trained on, if it says so
   * @throws RigException if the value is not understood
   */
  static Optional<TrainedOn> trainedOn(Map<String, String> metadata, String where) {
    if (!metadata.containsKey(TRAINED_ON)) {
      return Optional.empty();
    }
    Map<String, Object> json = Json.parse(metadata.get(TRAINED_ON), where);
    try {
      return Optional.of(trainedOn(json).with(Halting.read(metadata, where)));
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      throw new RigException("%s: its %s cannot be read".formatted(where, TRAINED_ON), e);
    }
  }

  /**
   * @param metadata of any file of weights
   * @param where it is, for error messages
   * @return what pixels the weights want, if the file says so: under {@value #PIXELS}, an object
   *     with channels, pixel_range, mean and std, or under {@value #TRAINED_ON}
   * @throws RigException if the value is not understood
   */
  static Optional<Normalization> normalization(Map<String, String> metadata, String where) {
    if (!metadata.containsKey(PIXELS)) {
      return trainedOn(metadata, where).map(TrainedOn::normalization);
    }
    Map<String, Object> json = Json.parse(metadata.get(PIXELS), where + ": " + PIXELS);
    try {
      return Optional.of(normalization(json));
    } catch (ClassCastException
        | NullPointerException
        | IllegalArgumentException
        | RigException e) {
      throw new RigException(
          "%s: its %s must have channels (rgb or bgr), pixel_range (1 or 255), mean and std"
              .formatted(where, PIXELS),
          e);
    }
  }

  private static TrainedOn trainedOn(Map<String, Object> json) {
    List<ClassTable.Entry> classes = new ArrayList<>();
    ((Map<?, ?>) json.get("classes"))
        .forEach(
            (name, rgb) -> {
              if (!Names.printable((String) name)) {
                throw new IllegalArgumentException("class " + Names.shown((String) name));
              }
              classes.add(new ClassTable.Entry((String) name, ((Number) rgb).intValue()));
            });
    String dataset = (String) json.get("dataset");
    return new TrainedOn(
        dataset.isEmpty() ? PartSpec.of("") : PartSpecs.read(dataset),
        (String) json.get("data"),
        numbers(json, "resize").stream().map(Number::intValue).toList(),
        normalization(json),
        new MultiScaleInputs(
            json.containsKey("input_scales") ? doubles(json, "input_scales") : List.of(1.0)),
        new ClassTable(classes));
  }

  // Files of before there was a choice say neither channels nor range.
  private static Normalization normalization(Map<String, Object> json) {
    return new Normalization(
        TrainSpec.Channels.valueOf(
            ((String) json.getOrDefault("channels", "rgb")).toUpperCase(Locale.ROOT)),
        ((Number) json.getOrDefault("pixel_range", 1)).intValue(),
        doubles(json, "mean"),
        doubles(json, "std"));
  }

  private static List<Double> doubles(Map<String, Object> json, String key) {
    return numbers(json, key).stream().map(Number::doubleValue).toList();
  }

  private static List<Number> numbers(Map<String, Object> json, String key) {
    return ((List<?>) json.get(key)).stream().map(Number.class::cast).toList();
  }
}
