package org.riglab.plugins.internal;

import java.io.IOException;
import org.junit.Test;
import org.riglab.base.Fuzzing;

/** Jars of plugins. */
public class PluginJarFuzzTest {
  /** Called by Jazzer, which gives the method its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Fuzzing.read(bytes, file -> PluginJar.read(file, "0".repeat(64), "the jar"));
  }

  @Test
  public void whatWasFoundIsReadOrRefused() throws IOException {
    Fuzzing.repeat(PluginJarFuzzTest.class, PluginJarFuzzTest::fuzzerTestOneInput);
  }
}
