package org.riglab.core.internal.train;

import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Part;
import org.riglab.api.bench.Registry;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.metrics.internal.ConfusionMetric;

/** A registry with the data set {@code noise} and the metric {@code confusion}. */
public final class FakeRegistry implements Registry {
  private final Map<String, Provider> providers = new LinkedHashMap<>();
  private final List<FakeLease<?>> open = new ArrayList<>();

  /** Images whose brightest channel is the class of their left or right half; void on top. */
  public static final class Noise implements Dataset, Images {
    private final int height;
    private final int width;
    int badLabelAt = -1;
    String suffix = "";

    public Noise(int height, int width) {
      this.height = height;
      this.width = width;
    }

    @Override
    public Images open(Optional<Path> directory, Options options) {
      return this;
    }

    @Override
    public ClassTable classes() {
      return new ClassTable(
          List.of(
              new ClassTable.Entry("red", 0xff0000),
              new ClassTable.Entry("green", 0x00ff00),
              new ClassTable.Entry("blue", 0x0000ff)));
    }

    @Override
    public List<String> splits() {
      return List.of("train", "val");
    }

    @Override
    public Split split(String name) {
      return new Split() {
        @Override
        public int size() {
          return name.equals("train") ? 8 : 5;
        }

        @Override
        public String id(int index) {
          return name + index;
        }

        @Override
        public Sample sample(int index) {
          return make(name, index);
        }

        @Override
        public String fingerprint() {
          return name + suffix;
        }
      };
    }

    private Sample make(String name, int index) {
      SplittableRandom random = new SplittableRandom(name.hashCode() * 31L + index);
      byte[] image = new byte[height * width * 3];
      byte[] label = new byte[height * width];
      int left = random.nextInt(3);
      int right = random.nextInt(3);
      for (int i = 0; i < label.length; i++) {
        int c = i % width < width / 2 ? left : right;
        label[i] = i < width * (index % 3) ? (byte) VOID : (byte) c;
        for (int k = 0; k < 3; k++) {
          image[3 * i + k] = (byte) (random.nextInt(120) + (k == c ? 120 : 0));
        }
      }
      if (index == badLabelAt) {
        label[label.length - 1] = 17;
      }
      return new Sample(name + index, height, width, image, label);
    }
  }

  public FakeRegistry(Noise noise) {
    providers.put("noise", noise);
    providers.put("confusion", new ConfusionMetric());
  }

  public List<String> leased() {
    return open.stream().map(lease -> lease.part.name()).toList();
  }

  void retire(String name) {
    open.stream().filter(l -> l.part.name().equals(name)).forEach(l -> l.retiring = true);
  }

  @Override
  public <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user) {
    if (!kind.isInstance(providers.get(name))) {
      throw new RigException("there is no " + kind.getSimpleName() + " " + name);
    }
    FakeLease<P> lease =
        new FakeLease<>(
            kind.cast(providers.get(name)),
            new Part(kind.getSimpleName(), name, "", List.of(), "b", "1.0.0", "ab", 1));
    open.add(lease);
    return lease;
  }

  private final class FakeLease<P extends Provider> implements Lease<P> {
    private final P service;
    private final Part part;
    private boolean retiring;

    FakeLease(P service, Part part) {
      this.service = service;
      this.part = part;
    }

    @Override
    public P service() {
      return service;
    }

    @Override
    public Part part() {
      return part;
    }

    @Override
    public boolean retiring() {
      return retiring;
    }

    @Override
    public boolean revoked() {
      return false;
    }

    @Override
    public void close() {
      open.remove(this);
    }
  }

  @Override
  public Options options(String part, Provider provider, Map<String, ?> values) {
    return new Options() {
      @Override
      public <T extends Annotation> T as(Class<T> type) {
        throw new UnsupportedOperationException();
      }
    };
  }

  @Override
  public List<Part> parts(String kind) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Part> partsOf(long bundleId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<String> users(long bundleId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void retire(long bundleId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void reinstate(long bundleId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean awaitUnused(long bundleId, long millis) {
    throw new UnsupportedOperationException();
  }
}
