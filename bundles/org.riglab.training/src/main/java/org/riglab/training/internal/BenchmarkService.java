package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.bench.Benchmark;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.api.training.LossShape;
import org.riglab.base.Interrupts;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.DeviceMemory;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.Labels;
import org.riglab.networks.engine.PassMemory;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.PartEvents;

/** Times the steps that a training does, on noise. */
@Component
public final class BenchmarkService implements Benchmark {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int WARM = 2;

  /** Passes until the virtual machine has compiled what they call, for so long at most. */
  private static final int COMPILED = 100;

  private static final double COMPILED_MS = 3000;

  /**
   * System property: libtorch's profiles of single passes are written to this file, with .0, .1,
   * ... appended. Other passes are between them: what the profiler allocates makes that of the pass
   * new.
   */
  private static final String PROFILE = "riglab.bench.profile";

  private static final int PROFILED = 11;

  private final PartAccess access;
  private final Networks networks;
  private final Sessions sessions;

  /** Compiles the loss; without a compiler, it runs eagerly. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Compiler compiler;

  /** For declarative services. */
  @Activate
  public BenchmarkService(
      @Reference Registry registry,
      @Reference PartEvents events,
      @Reference Networks networks,
      @Reference Sessions sessions) {
    this.access = new PartAccess(registry, events, "bench");
    this.networks = networks;
    this.sessions = sessions;
  }

  @Override
  public Timing time(NetworkSpec network, Load asked) {
    require("batch", asked.batch(), 1);
    require("height", asked.height(), 1);
    require("width", asked.width(), 1);
    require("passes", asked.passes(), 1);
    require("threads", asked.threads(), 0);
    boolean onnx = asked.execution() == Execution.ONNX;
    if (onnx && asked.train()) {
      throw new RigException("bench: execution onnx is for inference; use --only infer");
    } else if (onnx && !List.of("auto", "cpu").contains(asked.device())) {
      throw new RigException(
          "bench: option 'device' is %s; it must be cpu where execution is onnx"
              .formatted(asked.device()));
    }
    Device device = Torch.device(onnx ? "cpu" : asked.device());
    requireMemory(network, asked, device);
    Precision precision =
        asked.execution() != Execution.COMPILED
            ? Precision.FP32
            : asked.precision() == Precision.AUTO ? Torch.precision(device) : asked.precision();
    Load load =
        new Load(
            asked.batch(),
            asked.height(),
            asked.width(),
            asked.execution(),
            precision,
            asked.recompute(),
            asked.passes(),
            asked.train(),
            asked.infer(),
            asked.threads(),
            asked.device());
    int threads = JniUtils.getNumThreads();
    if (load.threads() > 0) {
      JniUtils.setNumThreads(load.threads());
    }
    try (Session session = sessions.open(network, device);
        Batch batch =
            Batch.noise(load.batch(), load.height(), load.width(), network.classes(), 1)) {
      if (load.execution() == Execution.COMPILED) {
        session.compile(
            precision,
            load.recompute(),
            line -> {
              throw new RigException(line);
            });
      } else if (onnx) {
        session.onnx(JniUtils.getNumThreads());
      }
      return DeviceMemory.guarded(
          device,
          DeviceMemory.TRAINING,
          () -> Torch.withoutGrad(() -> time(session, load, batch, device)));
    } finally {
      JniUtils.setNumThreads(threads);
    }
  }

  private static void require(String option, int value, int least) {
    if (value < least) {
      throw new RigException(
          "bench: option '%s' is %d; it must be %d or more".formatted(option, value, least));
    }
  }

  private Timing time(Session session, Load load, Batch batch, Device device) {
    double[] steps = new double[0];
    double first = Double.NaN;
    if (load.train()) {
      try (Stepper stepper = stepper(session, load, device)) {
        long step = 1;
        first = milliseconds(() -> stepper.step(1, List.of(batch)));
        double warm = first;
        while (cold(step, warm)) {
          long number = ++step;
          warm += milliseconds(() -> stepper.step(number, List.of(batch)));
        }
        steps = new double[load.passes()];
        for (int i = 0; i < steps.length; i++) {
          long number = ++step;
          steps[i] = milliseconds(() -> stepper.step(number, List.of(batch)));
        }
        long number = ++step;
        profile(() -> stepper.step(number, List.of(batch)));
      }
    }
    double[] passes = new double[0];
    if (load.infer()) {
      double warm = 0;
      for (int i = 0; cold(i, warm); i++) {
        warm += milliseconds(() -> infer(session, batch, device));
      }
      passes = new double[load.passes()];
      for (int i = 0; i < passes.length; i++) {
        passes[i] = milliseconds(() -> infer(session, batch, device));
      }
      profile(() -> infer(session, batch, device));
    }
    double used = DeviceMemory.usedMiB(device);
    try (Kernels kernels = new Kernels(device)) {
      return new Timing(
          load,
          median(steps),
          median(passes),
          first,
          peak(),
          used,
          kernels.matrixGflops(load.precision()));
    }
  }

  private static void profile(Runnable pass) {
    String file = System.getProperty(PROFILE);
    if (file == null) {
      return;
    }
    for (int i = 0; i < PROFILED; i++) {
      JniUtils.startProfile(false, true, false);
      milliseconds(pass);
      JniUtils.stopProfile(file + "." + i);
      milliseconds(pass);
    }
  }

  private static boolean cold(long passes, double ms) {
    return passes < WARM || passes < COMPILED && ms < COMPILED_MS;
  }

  private static void requireMemory(NetworkSpec network, Load load, Device device) {
    (load.train()
            ? PassMemory.ofTraining(network, load.batch(), load.height(), load.width())
            : new PassMemory(load.batch(), network.classes(), load.height(), load.width()))
        .require(device, "a smaller --batch or --size");
  }

  private Stepper stepper(Session session, Load load, Device device) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("steps", 1_000_000L);
    options.put("lr", 1e-3);
    options.put("momentum", 0.9);
    options.put("weight_decay", 5e-4);
    options.put("size", List.of((long) load.height(), (long) load.width()));
    options.put("execution", load.execution());
    options.put("precision", load.precision());
    options.put("recompute", load.recompute());
    options.put("device", load.device());
    TrainSpec spec =
        new Plans(new Recipes(networks.home().resolve("recipes")))
            .plan("bench", options, Normalization.IMAGENET);
    boolean compiled = load.execution() == Execution.COMPILED;
    return new Stepper(
        session,
        spec,
        spec.budget().steps(),
        new Objective(
            new LeasedLoss(access, spec.objective().loss(), shape(session, spec)),
            compiled ? Optional.ofNullable(compiler) : Optional.empty(),
            line -> {
              throw new RigException(line);
            }),
        device);
  }

  private static LossShape shape(Session session, TrainSpec spec) {
    ClassTable classes =
        new ClassTable(
            IntStream.range(0, session.spec().classes())
                .mapToObj(c -> new ClassTable.Entry("class " + c, 0))
                .toList());
    return new LossShape(classes, Preparation.predictions(session, spec), List.of(), List.of());
  }

  private static void infer(Session session, Batch batch, Device device) {
    try (NDManager manager = Torch.newManager(device)) {
      Shape shape = new Shape(batch.size(), 3, batch.height(), batch.width());
      NDList logits =
          session.forward(manager.create(batch.images(), shape, DataType.FLOAT32), false);
      for (NDArray one : logits) {
        try (NDArray labels = Labels.of(one, batch.height(), batch.width())) {
          labels.toByteArray(); // waits for the device
        }
      }
    } finally {
      session.sweep();
    }
  }

  private static double milliseconds(Runnable body) {
    Interrupts.check();
    long start = System.nanoTime();
    body.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static double median(double[] times) {
    double[] sorted = times.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private static double peak() {
    if (!Files.isReadable(STATUS)) {
      return Double.NaN;
    }
    try (Stream<String> lines = Files.lines(STATUS)) {
      Optional<String> line = lines.filter(text -> text.startsWith("VmHWM:")).findFirst();
      return line.isEmpty()
          ? Double.NaN
          : Long.parseLong(line.get().replaceAll("\\D", "")) / 1024.0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
