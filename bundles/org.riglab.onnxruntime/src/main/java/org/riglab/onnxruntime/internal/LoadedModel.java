package org.riglab.onnxruntime.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.OnnxRunner;

/** A session of ONNX Runtime. */
final class LoadedModel implements OnnxRunner.Model {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;

  LoadedModel(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
    this.input = session.getInputNames().iterator().next();
  }

  @Override
  public NDList run(NDArray image) {
    long[] shape = image.getShape().getShape();
    ByteBuffer pixels = image.toByteBuffer().order(ByteOrder.nativeOrder());
    NDManager manager = image.getManager();
    NDList outputs = new NDList();
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, pixels.asFloatBuffer(), shape);
        OrtSession.Result results = session.run(Map.of(input, tensor))) {
      for (int i = 0; i < results.size(); i++) {
        OnnxTensor output = (OnnxTensor) results.get(i);
        outputs.add(
            manager.create(output.getFloatBuffer(), new Shape(output.getInfo().getShape())));
      }
      return outputs;
    } catch (OrtException e) {
      outputs.close();
      throw new RigException(
          "ONNX Runtime fails on images of shape %s: %s"
              .formatted(image.getShape(), OnnxRuntimeRunner.reason(e)),
          e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e); // closed twice
    }
  }
}
