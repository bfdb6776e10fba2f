package org.riglab.testkit;

import org.riglab.api.network.Unroll;
import org.riglab.unrolls.internal.Sequential;

public class SequentialTest extends UnrollContract {
  @Override
  protected Unroll unroll() {
    return new Sequential();
  }
}
