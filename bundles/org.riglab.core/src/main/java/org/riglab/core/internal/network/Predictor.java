package org.riglab.core.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.Bench.FloatMap;
import org.riglab.api.bench.Bench.Image;
import org.riglab.api.bench.Bench.Prediction;
import org.riglab.core.internal.data.Resampling;
import org.riglab.nn.Functional;

/** Predicts one image, at the size the network was trained on, and answers at the image's own. */
final class Predictor {
  private final Assembly assembly;
  private final TrainedOn trainedOn;

  Predictor(Assembly assembly, TrainedOn trainedOn) {
    this.assembly = assembly;
    this.trainedOn = trainedOn;
  }

  Prediction predict(Image image, List<String> maps) {
    Keeper keeper = new Keeper(maps);
    try (NDManager manager = assembly.manager().newSubManager()) {
      NDArray input = input(manager, image);
      NDList logits =
          trainedOn
              .inputs()
              .forward(
                  input,
                  x ->
                      assembly.forward(
                          x, false, x.getShape().equals(input.getShape()) ? keeper : null))
              .fused();
      List<byte[]> labels = new ArrayList<>();
      for (NDArray iteration : logits) {
        // an image may be smaller than the logits of what it was enlarged to
        int height = (int) Math.max(image.height(), iteration.getShape().get(2));
        int width = (int) Math.max(image.width(), iteration.getShape().get(3));
        NDArray resized = Functional.interpolate(iteration, height, width);
        if (!Finite.finite(resized)) {
          throw new RigException(
              "the logits of prediction %d are not finite: %s"
                  .formatted(labels.size() + 1, assembly.blame(input(manager, image), false)));
        }
        labels.add(
            Resampling.label(
                resized.argMax(1).toType(DataType.UINT8, false).toByteArray(),
                height,
                width,
                image.height(),
                image.width()));
      }
      return new Prediction(image.height(), image.width(), labels, keeper.kept);
    } finally {
      assembly.sweep();
    }
  }

  private NDArray input(NDManager manager, Image image) {
    boolean resize = !trainedOn.resize().isEmpty();
    int height = resize ? trainedOn.resize().get(0) : image.height();
    int width = resize ? trainedOn.resize().get(1) : image.width();
    byte[] rgb =
        resize
            ? Resampling.image(image.rgb(), image.height(), image.width(), height, width)
            : image.rgb();
    float[] planes = new float[3 * height * width];
    trainedOn.normalization().write(rgb, FloatBuffer.wrap(planes), 0);
    return manager.create(planes, new Shape(1, 3, height, width));
  }

  /** Keeps the maps whose names were asked for. */
  private static final class Keeper implements Tap {
    private final List<Pattern> patterns;
    private final Map<String, FloatMap> kept = new LinkedHashMap<>();

    Keeper(List<String> names) {
      patterns =
          names.stream()
              .map(
                  name ->
                      Pattern.compile(
                          List.of(name.split("\\*", -1)).stream()
                              .map(Pattern::quote)
                              .collect(Collectors.joining(".*"))))
              .toList();
    }

    @Override
    public boolean wants(String name) {
      return patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }

    @Override
    public void take(String name, NDArray map) {
      Shape shape = map.getShape();
      kept.put(
          name,
          new FloatMap(
              (int) shape.get(1), (int) shape.get(2), (int) shape.get(3), map.toFloatArray()));
    }
  }
}
