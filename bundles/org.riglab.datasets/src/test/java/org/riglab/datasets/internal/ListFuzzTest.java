package org.riglab.datasets.internal;

import java.io.IOException;
import org.junit.Test;
import org.riglab.base.Fuzzing;

/** Lists of files. */
public class ListFuzzTest {
  /** Called by Jazzer, which gives the method its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Fuzzing.read(bytes, file -> Lists.ids(file).forEach(Lists::stem));
  }

  @Test
  public void whatWasFoundIsReadOrRefused() throws IOException {
    Fuzzing.repeat(ListFuzzTest.class, ListFuzzTest::fuzzerTestOneInput);
  }
}
