package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.riglab.api.RigException;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.OnnxRunner;
import org.riglab.base.FileFailures;

/** A network's inference as a model outside of the engine, of the weights at one moment. */
final class OnnxModel implements AutoCloseable {
  private final OnnxRunner.Model model;

  /**
   * @throws RigException if the network cannot be exported or loaded
   */
  OnnxModel(Exporter exporter, OnnxRunner runner, Assembly assembly, int threads) {
    try {
      Path file = Files.createTempFile("riglab", ".onnx");
      try {
        assembly.show(
            network -> {
              try (OutputStream out = Files.newOutputStream(file)) {
                exporter.write(network, "onnx", false, out);
              } catch (IOException e) {
                throw cannotWrite(e);
              }
              return null;
            });
        model = runner.load(file, threads);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private static RigException cannotWrite(IOException e) {
    return new RigException(
        RigException.Kind.IO,
        "cannot write the network for ONNX Runtime to "
            + System.getProperty("java.io.tmpdir")
            + ": "
            + FileFailures.reason(e),
        e);
  }

  NDList forward(Assembly assembly, NDArray image, boolean training) {
    if (training) {
      throw new IllegalStateException("a model in ONNX Runtime cannot be trained");
    }
    return assembly.step(() -> model.run(image));
  }

  @Override
  public void close() {
    model.close();
  }
}
