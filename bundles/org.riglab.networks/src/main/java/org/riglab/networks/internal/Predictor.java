package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.RgbImage;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.Resampling;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.AnytimePasses;
import org.riglab.networks.inference.Model;
import org.riglab.networks.inference.Picture;
import org.riglab.networks.inference.Segmenter;

/** Predicts one image, at the size the network was trained on, and answers at the image's own. */
final class Predictor {
  private final Session session;
  private final TrainedOn trainedOn;

  Predictor(Session session, TrainedOn trainedOn) {
    this.session = session;
    this.trainedOn = trainedOn;
  }

  Prediction predict(RgbImage image, List<String> maps, Inference inference) {
    Keeper keeper = new Keeper(maps);
    MultiScaleInputs inputs =
        inference.inputScales().isEmpty()
            ? trainedOn.inputs()
            : new MultiScaleInputs(inference.inputScales());
    Segmenter segmenter = new Segmenter(inference);
    AnytimePasses passes = new AnytimePasses(inference, inputs, false);
    try (NDManager manager = Torch.newManager(session.manager().getDevice())) {
      Pixels pixels = pixels(image);
      Shape size = new Shape(pixels.height(), pixels.width());
      Shape answer = new Shape(image.height(), image.width());
      if (!maps.isEmpty() && !segmenter.once(pixels.height(), pixels.width())) {
        throw new RigException("maps require a single pass: no window, no flip and one scale");
      }
      segmenter
          .need(session.spec(), 1, size, answer)
          .require(manager.getDevice(), segmenter.advice(size, answer, "a smaller image"));
      List<byte[]> labels =
          segmenter
              .labels(
                  new Net(inputs, passes, keeper), pixels, manager, image.height(), image.width())
              .stream()
              .map(NDArray::toByteArray)
              .toList();
      return new Prediction(image.height(), image.width(), labels, keeper.kept);
    } finally {
      session.sweep();
    }
  }

  private Pixels pixels(RgbImage image) {
    if (trainedOn.resize().isEmpty()) {
      return new Pixels(image.rgb(), image.height(), image.width(), trainedOn.normalization());
    }
    int height = trainedOn.resize().get(0);
    int width = trainedOn.resize().get(1);
    byte[] rgb = Resampling.image(image.rgb(), image.height(), image.width(), height, width);
    return new Pixels(rgb, height, width, trainedOn.normalization());
  }

  /** Bytes that become numbers where the network looks. */
  private record Pixels(byte[] rgb, int height, int width, Normalization normalization)
      implements Picture {
    @Override
    public NDArray crop(NDManager manager, int top, int left, int rows, int columns) {
      byte[] part = rgb;
      if (rows != height || columns != width) {
        part = new byte[rows * columns * Normalization.CHANNELS];
        int line = columns * Normalization.CHANNELS;
        for (int y = 0; y < rows; y++) {
          int from = ((top + y) * width + left) * Normalization.CHANNELS;
          System.arraycopy(rgb, from, part, y * line, line);
        }
      }
      float[] planes = new float[part.length];
      normalization.write(part, FloatBuffer.wrap(planes), 0);
      return manager.create(planes, new Shape(1, Normalization.CHANNELS, rows, columns));
    }
  }

  /** The network, watched where it sees the image at its own size. */
  private final class Net implements Model {
    private final MultiScaleInputs inputs;
    private final AnytimePasses passes;
    private final ActivationListener activations;

    Net(MultiScaleInputs inputs, AnytimePasses passes, ActivationListener activations) {
      this.inputs = inputs;
      this.passes = passes;
      this.activations = activations;
    }

    @Override
    public NDList logits(NDArray images) {
      NDList logits =
          inputs
              .forward(
                  images,
                  scaled -> {
                    boolean own = scaled.getShape().equals(images.getShape());
                    return passes.forward(
                        session,
                        scaled,
                        (array, length) ->
                            own
                                ? session.forward(array, length, activations)
                                : session.forward(array, length));
                  })
              .fused();
      logits.attach(images.getManager());
      session.sweep();
      return logits;
    }

    @Override
    public String blame(NDArray images) {
      return session.blame(images, false);
    }
  }

  /** Keeps the maps whose names were asked for. */
  private static final class Keeper implements ActivationListener {
    private final List<Pattern> patterns;
    private final Map<String, FeatureMap> kept = new LinkedHashMap<>();

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
          new FeatureMap(
              (int) shape.get(1), (int) shape.get(2), (int) shape.get(3), map.toFloatArray()));
    }
  }
}
