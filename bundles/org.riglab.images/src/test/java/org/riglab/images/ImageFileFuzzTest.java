package org.riglab.images;

import java.io.IOException;
import org.junit.Test;
import org.riglab.base.Fuzzing;

/** Images: PNG, JPEG. */
public class ImageFileFuzzTest {
  /** Called by Jazzer, which gives the method its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Fuzzing.read(
        bytes,
        ImageFiles::rgb,
        ImageFiles::colours,
        ImageFiles::indices,
        file -> ImageFiles.codes(file, 8, "codes"));
  }

  @Test
  public void whatWasFoundIsReadOrRefused() throws IOException {
    Fuzzing.repeat(ImageFileFuzzTest.class, ImageFileFuzzTest::fuzzerTestOneInput);
  }
}
