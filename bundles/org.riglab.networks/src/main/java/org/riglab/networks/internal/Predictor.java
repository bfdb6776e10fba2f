package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.AnytimePasses;
import org.riglab.networks.inference.ImageLabels;
import org.riglab.networks.inference.Model;

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
    ImageLabels labelled =
        new ImageLabels(inference, trainedOn.resize(), trainedOn.normalization());
    AnytimePasses passes = new AnytimePasses(inference, inputs, false);
    if (!maps.isEmpty() && !labelled.once(image)) {
      throw new RigException("maps require a single pass: no window, no flip and one scale");
    }
    try (NDManager manager = Torch.newManager(session.manager().getDevice())) {
      List<byte[]> labels =
          labelled.of(
              new Net(inputs, passes, keeper),
              session.spec().classes(),
              session.spec().iterations(),
              image,
              manager);
      return new Prediction(image.height(), image.width(), labels, keeper.kept);
    } finally {
      session.sweep();
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
