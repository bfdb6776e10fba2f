package org.riglab.testkit;

import org.riglab.api.network.Gate;
import org.riglab.gates.internal.MulSigmoid;

public class MulSigmoidTest extends GateContract {
  @Override
  protected Gate gate() {
    return new MulSigmoid();
  }
}
