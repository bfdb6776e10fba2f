package org.riglab.testkit.builtin;

import java.util.Map;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.network.Gate;
import org.riglab.gates.internal.AddRelu;
import org.riglab.gates.internal.Basic;
import org.riglab.gates.internal.Identity;
import org.riglab.gates.internal.MulSigmoid;
import org.riglab.gates.internal.MulTanh;
import org.riglab.testkit.GateContract;

/** The built-in ones hold the contract. */
@RunWith(Enclosed.class)
public class GatesTest {
  public static class OfMulSigmoid extends GateContract {
    @Override
    protected Gate gate() {
      return new MulSigmoid();
    }
  }

  public static class OfMulTanh extends GateContract {
    @Override
    protected Gate gate() {
      return new MulTanh();
    }
  }

  public static class OfAddRelu extends GateContract {
    @Override
    protected Gate gate() {
      return new AddRelu();
    }
  }

  public static class OfIdentity extends GateContract {
    @Override
    protected Gate gate() {
      return new Identity();
    }
  }

  public static class OfBasic extends GateContract {
    @Override
    protected Gate gate() {
      return new Basic();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("pool", "max", "init", "twice", "activation", "tanh", "combine", "add");
    }
  }
}
