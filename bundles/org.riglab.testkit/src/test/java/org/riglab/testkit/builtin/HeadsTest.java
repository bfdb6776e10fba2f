package org.riglab.testkit.builtin;

import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.network.Head;
import org.riglab.heads.internal.Aspp;
import org.riglab.heads.internal.Fcn;
import org.riglab.heads.internal.SkipFcn;
import org.riglab.testkit.HeadContract;

/** The built-in ones hold the contract. */
@RunWith(Enclosed.class)
public class HeadsTest {
  public static class OfFcn extends HeadContract {
    @Override
    protected Head head() {
      return new Fcn();
    }
  }

  public static class OfFcn16s extends HeadContract {
    @Override
    protected Head head() {
      return new SkipFcn.Fcn16s();
    }
  }

  public static class OfFcn8s extends HeadContract {
    @Override
    protected Head head() {
      return new SkipFcn.Fcn8s();
    }
  }

  public static class OfAspp extends HeadContract {
    @Override
    protected Head head() {
      return new Aspp();
    }
  }
}
