package org.riglab.networks.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;

/**
 * A bench with one small network: convolution of stride 2, batch norm, relu, 1x1 classifier; its
 * second prediction is twice the first. It can be told to go wrong.
 */
public final class FakeNetworks implements Sessions {
  public static final int CLASSES = 3;
  public static final NetworkSpec SPEC =
      new NetworkSpec(
          PartSpec.of("tiny"),
          PartSpec.of("fcn"),
          PartSpec.of("identity"),
          PartSpec.of("parallel"),
          List.of(2),
          2,
          CLASSES,
          NetworkSpec.BatchNormPolicy.SHARED,
          1);

  /** The process was killed here. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** What the network's file holds. */
  private Map<String, HostTensor> saved = initial();

  private Map<String, Double> metrics = Map.of();

  private TrainedOn trainedOn =
      new TrainedOn(
          PartSpec.of(""), "", List.of(), Normalization.IMAGENET, MultiScaleInputs.SINGLE, null);

  public boolean batchNorm = true;
  public boolean killAtSave;
  public long killAtStateCall;
  public long failAtForward;
  public long nanAtForward;
  public long staleAtForward;
  public boolean partMissing;

  /** The iterations that passes were asked for; 0 for those of the spec. */
  public final List<Integer> iterationsAsked = new ArrayList<>();

  private final List<PassLength> lengths = new ArrayList<>();
  private BiPredicate<NDArray, Integer> early;
  private final List<Shape> seen = new ArrayList<>();
  public int renewals;
  public int saves;

  private static Map<String, HostTensor> initial() {
    Map<String, HostTensor> values = new LinkedHashMap<>();
    values.put("backbone.conv.weight", random(1, 4, 3, 3, 3));
    values.put("backbone.bn.weight", constant(1, 4));
    values.put("backbone.bn.bias", constant(0, 4));
    values.put("backbone.bn.running_mean", constant(0, 4));
    values.put("backbone.bn.running_var", constant(1, 4));
    values.put("classifier.weight", random(2, CLASSES, 4, 1, 1));
    values.put("classifier.bias", constant(0, CLASSES));
    return values;
  }

  private static HostTensor random(long seed, long... shape) {
    HostTensor tensor = constant(0, shape);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < tensor.values().length; i++) {
      tensor.values()[i] = (float) (random.nextDouble() - 0.5);
    }
    return tensor;
  }

  private static HostTensor constant(float value, long... shape) {
    float[] values = new float[(int) new Shape(shape).size()];
    Arrays.fill(values, value);
    return new HostTensor(list(new Shape(shape)), values);
  }

  private static List<Long> list(Shape shape) {
    return Arrays.stream(shape.getShape()).boxed().toList();
  }

  /**
   * Lets the unroll strategy stop on its own.
   *
   * @param rule from images and an iteration to whether it is the last one
   */
  public void stopsEarly(BiPredicate<NDArray, Integer> rule) {
    early = rule;
  }

  /** The lengths of all passes that were asked for with one. */
  public List<PassLength> lengths() {
    return lengths;
  }

  /**
   * @return the scores with which the network was saved
   */
  public Map<String, Double> metrics() {
    return metrics;
  }

  public Map<String, HostTensor> saved() {
    return saved;
  }

  /** Says what the weights were trained on. */
  public void trained(String dataset, String data, List<Integer> resize) {
    trained(dataset, data, resize, MultiScaleInputs.SINGLE);
  }

  /** Says what the weights were trained on, and at which input scales. */
  public void trained(String dataset, String data, List<Integer> resize, MultiScaleInputs inputs) {
    trainedOn =
        new TrainedOn(PartSpec.of(dataset), data, resize, trainedOn.normalization(), inputs, null);
  }

  /** The shapes of all images that any session has seen. */
  public List<Shape> seen() {
    return seen;
  }

  @Override
  public TrainedOn trainedOn(String network) {
    return trainedOn;
  }

  @Override
  public Path file(String network) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Session open(String network, String user) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Session edit(String network, String user) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FakeSession edit(String network, String user, Device device) {
    return open(network, user, device);
  }

  @Override
  public Session open(NetworkSpec spec, Device device) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Variant variant(String network, NetworkSpec spec, Device device) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FakeSession open(String network, String user, Device device) {
    if (partMissing) {
      throw new RigException("there is no gate identity");
    }
    return new FakeSession();
  }

  public final class FakeSession implements Session {
    private NDManager manager = Torch.newManager(Device.cpu());
    private Map<String, Parameter> state;
    private Map<String, HostTensor> kept;
    private long forwards;
    private long stateCalls;
    private boolean stale;

    FakeSession() {
      fill(saved);
    }

    private void fill(Map<String, HostTensor> values) {
      state = new LinkedHashMap<>();
      values.forEach(
          (name, tensor) -> {
            boolean running = name.contains("running");
            Parameter parameter =
                Parameter.builder()
                    .setName(name)
                    .setType(running ? Parameter.Type.RUNNING_MEAN : Parameter.Type.WEIGHT)
                    .optRequiresGrad(!running)
                    .build();
            NDArray array =
                manager
                    .create(
                        tensor.values(),
                        new Shape(tensor.shape().stream().mapToLong(s -> s).toArray()))
                    .duplicate();
            array.setRequiresGradient(!running);
            parameter.setArray(array);
            state.put(name, parameter);
          });
    }

    @Override
    public NetworkSpec spec() {
      return SPEC;
    }

    @Override
    public List<PartInfo> parts() {
      return List.of(
          new PartInfo("gate", "identity", "", List.of(), "b", "1." + renewals, "ab", 7));
    }

    @Override
    public Map<String, String> description(TrainedOn trainedOn) {
      return Map.of();
    }

    @Override
    public NDManager manager() {
      return manager;
    }

    @Override
    public Map<String, Parameter> state() {
      if (++stateCalls == killAtStateCall) {
        throw new Killed();
      }
      return state;
    }

    private NDArray value(String name) {
      return state.get(name).getArray();
    }

    @Override
    public NDList forward(NDArray image, boolean training, int truncate, int iterations) {
      iterationsAsked.add(iterations);
      long number = training ? ++forwards : -1;
      seen.add(image.getShape());
      Shape two = new Shape(2, 2);
      Shape one = new Shape(1, 1);
      NDArray x =
          image
              .getNDArrayInternal()
              .convolution(image, value("backbone.conv.weight"), null, two, one, one, 1)
              .singletonOrThrow();
      if (batchNorm) {
        x =
            x.getNDArrayInternal()
                .batchNorm(
                    x,
                    value("backbone.bn.running_mean"),
                    value("backbone.bn.running_var"),
                    value("backbone.bn.weight"),
                    value("backbone.bn.bias"),
                    1,
                    0.9f,
                    1e-5f,
                    training)
                .singletonOrThrow();
      }
      if (number == failAtForward) {
        stale = stale || partMissing;
        throw new RigException("gate identity (b 1.0) at block 2, iteration 2 is gone");
      }
      stale = stale || number == staleAtForward;
      x = x.getNDArrayInternal().relu();
      NDArray logits =
          x.getNDArrayInternal()
              .convolution(
                  x,
                  value("classifier.weight"),
                  value("classifier.bias"),
                  one,
                  new Shape(0, 0),
                  one,
                  1)
              .singletonOrThrow();
      if (number == nanAtForward) {
        logits = logits.mul(Float.NaN);
      }
      // a number as factor would be gone before the backward pass reads it
      return new NDList(logits, logits.add(logits));
    }

    @Override
    public NDList forward(NDArray image, PassLength length, ActivationListener activations) {
      throw new UnsupportedOperationException();
    }

    /** Two predictions, or as many as asked for; fewer if it stops. */
    @Override
    public NDList forward(NDArray image, boolean training, PassLength length) {
      return forward(image, training, 0, length.iterations());
    }

    @Override
    public NDList forward(NDArray image, PassLength length) {
      NDList all = forward(image, false, 0);
      lengths.add(length);
      int most = length.iterations() > 0 ? length.iterations() : all.size();
      NDList some = new NDList();
      for (int t = 1; t <= most; t++) {
        some.add(t <= all.size() ? all.get(t - 1) : some.get(t - 2).add(all.get(0)));
        NDArray logits = some.get(t - 1);
        int now = t;
        if (t < most
            && (!length.continuation().map(c -> c.more(now, logits)).orElse(true)
                || early != null && early.test(image, t))) {
          break;
        }
      }
      return some;
    }

    @Override
    public boolean stopsEarly() {
      return early != null;
    }

    @Override
    public List<Long> multiplyAdds(int height, int width, int iterations) {
      List<Long> costs = new ArrayList<>();
      for (int t = 1; t <= Math.max(2, iterations); t++) {
        costs.add(t * 1_000_000L * height * width);
      }
      return costs;
    }

    @Override
    public <T> T show(int iterations, Function<Blueprint, T> look) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void load(Path file) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void backward(NDArray loss, boolean replace) {
      if (replace) {
        state().values().stream()
            .filter(Parameter::requiresGradient)
            .forEach(parameter -> JniUtils.zeroGrad((PtNDArray) parameter.getArray()));
      }
      JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
    }

    @Override
    public void compile(Precision precision, boolean recompute, Consumer<String> told) {}

    @Override
    public void onnx(int threads) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void freezeBatchNorm() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String blame(NDArray image, boolean training) {
      return "gate identity returned NaN";
    }

    @Override
    public boolean stale() {
      return stale;
    }

    @Override
    public void renew() {
      kept = values();
      manager.close();
      if (partMissing) {
        throw new RigException("there is no gate identity");
      }
      manager = Torch.newManager(Device.cpu());
      fill(kept);
      kept = null;
      stale = false;
      renewals++;
    }

    @Override
    public Map<String, HostTensor> values() {
      if (kept != null) {
        return kept;
      }
      Map<String, HostTensor> values = new LinkedHashMap<>();
      state.forEach(
          (name, p) ->
              values.put(
                  name,
                  new HostTensor(list(p.getArray().getShape()), p.getArray().toFloatArray())));
      return values;
    }

    @Override
    public void load(Map<String, HostTensor> values) {
      manager.close();
      manager = Torch.newManager(Device.cpu());
      fill(values);
    }

    @Override
    public void sweep() {
      List<NDArray> owned =
          new ArrayList<>(state.values().stream().map(Parameter::getArray).toList());
      for (NDArray array : manager.getManagedArrays()) {
        if (owned.stream().noneMatch(o -> o.getUid().equals(array.getUid()))) {
          array.close();
        }
      }
    }

    @Override
    public void saveNonFinite(TrainedOn on) {
      save(on, Map.of());
    }

    @Override
    public void save(TrainedOn on, Map<String, Double> metrics) {
      if (killAtSave) {
        throw new Killed();
      }
      saves++;
      FakeNetworks.this.metrics = metrics;
      saved = values();
      trainedOn = on;
    }

    @Override
    public TrainedOn trainedOn() {
      return trainedOn;
    }

    @Override
    public Path directory() {
      return Path.of("nowhere");
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
