package org.riglab.networks.internal;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.RgbImage;
import org.riglab.networks.EvaluationLogits;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.engine.DeviceMemory;
import org.riglab.networks.engine.PassMemory;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

/** Predictions of stored networks, and of specs with weights from a file. */
@Component
public final class PredictionService implements Predictions {
  private final Sessions sessions;

  /**
   * @param sessions open networks
   */
  @Activate
  public PredictionService(@Reference Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Prediction predict(
      String network, RgbImage image, List<String> maps, Inference inference) {
    try (Session session = sessions.open(network, "predict")) {
      return guarded(session, new Predictor(session, session.trainedOn()), image, maps, inference);
    }
  }

  private static Prediction guarded(
      Session session,
      Predictor predictor,
      RgbImage image,
      List<String> maps,
      Inference inference) {
    return DeviceMemory.guarded(
        session.manager().getDevice(),
        DeviceMemory.PREDICTION,
        () -> Torch.withoutGrad(() -> predictor.predict(image, maps, inference)));
  }

  @Override
  public Opened open(Path file) {
    ModelFile model = ModelFile.read(file);
    Session session = sessions.open(model.spec(), Device.cpu());
    boolean loaded = false;
    try {
      session.load(file);
      loaded = true;
      return new FromFile(session, model.trainedOn());
    } finally {
      if (!loaded) {
        session.close();
      }
    }
  }

  private record FromFile(Session session, TrainedOn trainedOn) implements Opened {
    @Override
    public Prediction predict(RgbImage image, List<String> maps, Inference inference) {
      return guarded(session, new Predictor(session, trainedOn), image, maps, inference);
    }

    @Override
    public void close() {
      session.close();
    }
  }

  @Override
  public void forward(NetworkSpec spec, Path weights, Path input, Path output) {
    HostTensor image;
    try (Safetensors batch = Safetensors.open(input)) {
      image = EvaluationLogits.image(batch, input);
    }
    try (Session session = sessions.open(spec, Torch.device("auto"))) {
      List<Long> shape = image.shape();
      new PassMemory(shape.get(0) * spec.iterations(), spec.classes(), shape.get(2), shape.get(3))
          .require(session.manager().getDevice(), "fewer or smaller images");
      session.load(weights);
      Safetensors.write(
          output,
          EvaluationLogits.of(session, image, array -> session.forward(array, false)),
          Map.of());
    }
  }
}
