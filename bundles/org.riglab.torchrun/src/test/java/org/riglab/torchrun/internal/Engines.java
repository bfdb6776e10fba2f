package org.riglab.torchrun.internal;

/** The engine without a framework. */
public final class Engines {
  private Engines() {}

  /** Fails where it has no PyTorch. */
  public static void check(String python) {
    Python.check(python);
  }

  /** An engine that is configured with a Python. */
  public static TorchrunEngine of(String python) {
    return new TorchrunEngine(python, "", 300);
  }
}
