package org.riglab.tensors.internal;

import java.io.IOException;
import org.junit.Test;
import org.riglab.base.Fuzzing;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFiles;

/** Weight files: pickles, safetensors, npz. */
public class TensorFileFuzzTest {
  /** Called by Jazzer, which gives the method its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Fuzzing.read(
        bytes,
        file -> {
          try (TensorFile tensors = TensorFiles.open(file)) {
            for (String name : tensors.tensors().keySet()) {
              tensors.floats(name);
            }
          }
        });
  }

  @Test
  public void whatWasFoundIsReadOrRefused() throws IOException {
    Fuzzing.repeat(TensorFileFuzzTest.class, TensorFileFuzzTest::fuzzerTestOneInput);
  }
}
