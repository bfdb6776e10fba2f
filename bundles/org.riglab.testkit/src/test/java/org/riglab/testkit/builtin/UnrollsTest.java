package org.riglab.testkit.builtin;

import java.util.Map;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.network.Unroll;
import org.riglab.testkit.UnrollContract;
import org.riglab.unrolls.internal.FeedForward;
import org.riglab.unrolls.internal.MultiRange;
import org.riglab.unrolls.internal.NetworkWide;
import org.riglab.unrolls.internal.NetworkWideGated;
import org.riglab.unrolls.internal.Parallel;
import org.riglab.unrolls.internal.Rethinking;
import org.riglab.unrolls.internal.Sequential;

/** The built-in ones hold the contract. */
@RunWith(Enclosed.class)
public class UnrollsTest {
  public static class OfFeedForward extends UnrollContract {
    @Override
    protected Unroll unroll() {
      return new FeedForward();
    }
  }

  public static class OfSequential extends UnrollContract {
    @Override
    protected Unroll unroll() {
      return new Sequential();
    }
  }

  public static class OfParallel extends UnrollContract {
    @Override
    protected Unroll unroll() {
      return new Parallel();
    }
  }

  public static class OfParallelFromNext extends UnrollContract {
    @Override
    protected Unroll unroll() {
      return new Parallel();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("source", "next");
    }
  }

  public static class OfMultiRange extends UnrollContract {
    @Override
    protected Unroll unroll() {
      return new MultiRange();
    }
  }

  public static class OfRethinking extends UnrollContract {
    @Override
    protected Unroll unroll() {
      return new Rethinking();
    }
  }

  public static class OfNetworkWide extends UnrollContract {
    @Override
    protected Unroll unroll() {
      return new NetworkWide();
    }
  }

  public static class OfNetworkWideGated extends UnrollContract {
    @Override
    protected Unroll unroll() {
      return new NetworkWideGated();
    }
  }
}
