package org.riglab.onnxruntime.internal;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.RigException;
import org.riglab.api.bench.OnnxRunner;

/** Runs models in ONNX Runtime, whose native library is loaded with the first model. */
@Component
public final class OnnxRuntimeRunner implements OnnxRunner {
  @Override
  public Model load(Path file, int threads) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      // between two passes others compute: threads that spin for work would take their time
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return new LoadedModel(
          OrtEnvironment.getEnvironment(),
          OrtEnvironment.getEnvironment().createSession(file.toString(), options));
    } catch (OrtException e) {
      throw new RigException("ONNX Runtime cannot load " + file + ": " + reason(e), e);
    } catch (LinkageError e) {
      throw new RigException(
          "ONNX Runtime's native library cannot be loaded; the bundle"
              + " org.riglab.onnxruntime.native of this platform brings it",
          e);
    }
  }

  static String reason(OrtException e) {
    return e.getMessage().lines().findFirst().orElse(e.getCode().toString());
  }
}
