package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.OptionalLong;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;
import org.riglab.base.Json;

/** What came of a training, as JSON. */
final class TrainingJson {
  private TrainingJson() {}

  /**
   * @param training the finished training
   * @param id of its run; empty if there is none
   * @return its components; the spec is flat, as in files, and contains scale, flip and coarse
   *     beside the transforms and the loss
   */
  static JsonObject of(Training training, OptionalLong id) {
    JsonObject json = Json.tree(training).getAsJsonObject();
    JsonObject spec = new JsonObject();
    json.getAsJsonObject("spec")
        .entrySet()
        .forEach(
            component -> {
              if (component.getValue() instanceof JsonObject nested) {
                nested.entrySet().forEach(e -> spec.add(e.getKey(), e.getValue()));
              } else {
                spec.add(component.getKey(), component.getValue());
              }
            });
    addShort(spec, training.spec());
    json.add("spec", spec);
    json.add("id", id.isPresent() ? new JsonPrimitive(id.getAsLong()) : JsonNull.INSTANCE);
    return json;
  }

  private static void addShort(JsonObject json, TrainSpec spec) {
    JsonArray scale = new JsonArray();
    boolean flip = false;
    for (PartSpec part : spec.transforms().transforms()) {
      if (part.name().equals("scale") && scale.isEmpty()) {
        scale.add(number(part, "min", 0.5));
        scale.add(number(part, "max", 1.5));
      }
      flip |= part.name().equals("flip");
    }
    json.add("scale", scale);
    json.addProperty("flip", flip);
    PartSpec loss = spec.objective().loss();
    json.addProperty(
        "coarse",
        loss.name().equals("coarse-to-fine")
            ? loss.options().getOrDefault("table", "voc2012").toString()
            : "none");
  }

  private static double number(PartSpec part, String option, double usual) {
    return Double.parseDouble(part.options().getOrDefault(option, usual).toString());
  }
}
