package org.riglab.core.internal.network;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Part;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.core.internal.data.Normalization;
import org.riglab.core.internal.options.Json;
import org.riglab.core.internal.options.PartSpecs;
import org.riglab.core.internal.options.RecordOptions;
import org.riglab.core.internal.tensors.Safetensors;

/**
 * A network's file: its state dict, with everything else in the metadata, so that spec and weights
 * change together or not at all.
 *
 * @param spec of the network
 * @param trainedOn what its weights were trained on
 * @param parts that computed them
 */
record ModelFile(NetworkSpec spec, TrainedOn trainedOn, List<Part> parts) {
  static final String NAME = "network.safetensors";

  private static final String SPEC = "riglab.spec";
  private static final String TRAINED_ON = "riglab.trained_on";
  private static final String PARTS = "riglab.parts";

  static ModelFile read(Path file) {
    try (Safetensors tensors = Safetensors.open(file)) {
      Map<String, String> metadata = tensors.metadata();
      if (!metadata.containsKey(SPEC) || !metadata.containsKey(TRAINED_ON)) {
        throw new RigException(file + " holds weights, but no network: it has no " + SPEC);
      }
      String where = file.toString();
      return new ModelFile(
          Specs.read(Json.parse(metadata.get(SPEC), where), where),
          trainedOn(Json.parse(metadata.get(TRAINED_ON), where)),
          List.of());
    }
  }

  /** Writes the file through a temporary one. */
  void write(Path file, Assembly assembly) {
    Safetensors.write(file, assembly.shapes(), assembly::floats, metadata());
  }

  private Map<String, String> metadata() {
    Map<String, Object> digests = new LinkedHashMap<>();
    for (Part part : parts) {
      digests.put(
          part.kind() + " " + part.name(),
          part.bundle() + " " + part.version() + " " + part.sha256());
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(SPEC, Json.text(RecordOptions.values(spec)));
    metadata.put(TRAINED_ON, Json.text(json(trainedOn)));
    metadata.put(PARTS, Json.text(digests));
    return metadata;
  }

  private static Map<String, Object> json(TrainedOn trainedOn) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dataset", PartSpecs.write(trainedOn.dataset()));
    json.put("data", trainedOn.data());
    json.put("resize", trainedOn.resize());
    json.put("channels", trainedOn.normalization().channels().name());
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

  private static TrainedOn trainedOn(Map<String, Object> json) {
    List<ClassTable.Entry> classes = new ArrayList<>();
    ((Map<?, ?>) json.get("classes"))
        .forEach(
            (name, rgb) ->
                classes.add(new ClassTable.Entry((String) name, ((Number) rgb).intValue())));
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
        TrainSpec.Channels.valueOf((String) json.getOrDefault("channels", "RGB")),
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

  /** The shapes of a file's tensors by name, in order. */
  static Map<String, List<Long>> shapes(Safetensors tensors) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    tensors.entries().forEach((name, entry) -> shapes.put(name, entry.shape()));
    return shapes;
  }
}
