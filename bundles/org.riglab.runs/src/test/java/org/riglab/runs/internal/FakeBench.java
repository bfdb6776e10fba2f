package org.riglab.runs.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.api.bench.Weights;
import org.riglab.base.Json;

/**
 * A bench without networks, and a trainer that counts: step n has loss 1/n. It keeps the files that
 * the real one keeps, as far as the lab reads them.
 */
final class FakeBench {
  private static final Set<String> OPTIONS =
      Set.of("monitor", "lr", "steps", "seed", "device", "dataset");
  private static final Set<String> PARTS =
      Set.of(
          "resnet",
          "fcn",
          "parallel",
          "mul",
          "add",
          "cat",
          "0",
          "shapes",
          "feed-forward",
          "cross-entropy");

  final Path home;
  final List<String> networks = new CopyOnWriteArrayList<>();
  final List<String> released = new CopyOnWriteArrayList<>();
  final List<String> imported = new CopyOnWriteArrayList<>();
  final AtomicInteger steps = new AtomicInteger();
  final Semaphore free = new Semaphore(0);
  volatile boolean held;
  volatile Thread last; // that made a step
  volatile Evaluation evaluation; // of the end of a training; null for none
  volatile LongConsumer fault = step -> {};

  FakeBench(Path home) {
    this.home = home;
  }

  @SuppressWarnings("unchecked")
  private static <T> T proxy(
      Class<T> type, java.util.function.BiFunction<String, Object[], Object> body) {
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> body.apply(method.getName(), arguments));
  }

  Networks networks() {
    return proxy(
        Networks.class,
        (method, arguments) -> {
          switch (method) {
            case "home":
              return home;
            case "names":
              return List.copyOf(networks);
            case "release":
              released.add((String) arguments[0]);
              return null;
            case "discard":
              networks.remove(arguments[0]);
              return null;
            case "assemble":
              networks.add((String) arguments[0]);
              return null;
            case "get":
              return proxy(
                  Network.class, (m, a) -> m.equals("parts") ? List.of() : network("mul", 0));
            case "spec":
              Map<?, ?> json = (Map<?, ?>) arguments[0];
              if (json.get("unroll") instanceof String flat && flat.equals("feed-forward")) {
                if (json.containsKey("feedback")) {
                  throw new RigException("feed-forward takes no feedback");
                }
                return flat();
              }
              return network(
                  String.valueOf(json.get("gate")),
                  json.get("seed") instanceof Number seed ? seed.longValue() : 0);
            case "check":
              require("gate", ((NetworkSpec) arguments[0]).gate().name());
              return null;
            case "json":
              NetworkSpec spec = (NetworkSpec) arguments[0];
              return Json.line(
                  Map.of(
                      "gate",
                      spec.gate().name(),
                      "seed",
                      spec.seed(),
                      "feedback",
                      spec.feedback()));
            default:
              throw new UnsupportedOperationException(method);
          }
        });
  }

  /** Notes what would be read. */
  Weights weights() {
    return proxy(
        Weights.class,
        (method, arguments) -> {
          if (!method.equals("read")) {
            throw new UnsupportedOperationException(method);
          }
          imported.add(arguments[0] + " < " + ((Path) arguments[1]).getFileName());
          return null;
        });
  }

  private static NetworkSpec flat() {
    NetworkSpec spec = network("mul", 0);
    return new NetworkSpec(
        spec.backbone(),
        spec.head(),
        spec.gate(),
        PartSpec.of("feed-forward"),
        List.of(),
        1,
        spec.classes(),
        spec.batchNorm(),
        spec.seed());
  }

  private static NetworkSpec network(String gate, long seed) {
    return new NetworkSpec(
        PartSpec.of("resnet"),
        PartSpec.of("fcn"),
        PartSpec.of(gate),
        PartSpec.of("parallel"),
        List.of(6),
        1,
        2,
        NetworkSpec.BatchNormPolicy.SHARED,
        seed);
  }

  Evaluator evaluator() {
    return proxy(
        Evaluator.class,
        (method, arguments) -> {
          throw new UnsupportedOperationException(method);
        });
  }

  /** Knows the parts that the tests use. */
  Registry registry() {
    return proxy(
        Registry.class,
        (method, arguments) -> {
          if (method.equals("options")) {
            return null;
          }
          String kind = ((Class<?>) arguments[0]).getSimpleName().toLowerCase(Locale.ROOT);
          require(kind, (String) arguments[1]);
          return proxy(Lease.class, (m, a) -> null);
        });
  }

  private static void require(String kind, String name) {
    if (!PARTS.contains(name)) {
      throw new RigException("there is no %s '%s'".formatted(kind, name));
    }
  }

  /** A training of nothing in particular. */
  private static TrainSpec plan(Map<?, ?> options) {
    for (Object name : options.keySet()) {
      if (!OPTIONS.contains(name)) {
        throw new RigException("training: there is no option '%s'".formatted(name));
      }
    }
    return (TrainSpec) plan(TrainSpec.class, options);
  }

  private static Object plan(Class<?> record, Map<?, ?> options) {
    RecordComponent[] components = record.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      Class<?> type = components[i].getType();
      if (type == PartSpec.class) {
        String usual = components[i].getName().equals("dataset") ? "shapes" : "cross-entropy";
        Object given = options.get(components[i].getName());
        values[i] = PartSpec.of(given == null ? usual : given.toString());
      } else if (type.isRecord()) {
        values[i] = plan(type, options);
      } else if (type == List.class) {
        values[i] = List.of();
      } else if (type == boolean.class) {
        values[i] = false;
      } else if (type == int.class) {
        values[i] = 0;
      } else if (type == long.class) {
        values[i] = 0L;
      } else if (type == double.class) {
        values[i] = 0.0;
      }
    }
    try {
      return record.getDeclaredConstructors()[0].newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  Trainer trainer() {
    return proxy(
        Trainer.class,
        (method, arguments) -> {
          switch (method) {
            case "plan":
              return plan((Map<?, ?>) arguments[0]);
            case "resume":
              return train(
                  (String) arguments[0],
                  (Path) arguments[1],
                  (Map<?, ?>) arguments[2],
                  (Observer) arguments[3]);
            default:
              throw new UnsupportedOperationException(method);
          }
        });
  }

  void spec(Path run, String network, Object steps) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("network", network);
    spec.put("steps", steps);
    spec.put("seed", 5);
    spec.put("device", "cpu");
    try {
      Files.writeString(run.resolve("initial.safetensors"), "");
      Files.writeString(run.resolve("network.json"), "{\"gate\":\"mul\",\"seed\":0}");
      Files.writeString(run.resolve("data.json"), "{\"split\":\"train\"}");
      Files.writeString(
          run.resolve("parts.json"),
          "{\"after step 0\":{\"gate"
              + " mul\":{\"bundle\":\"gates\",\"version\":\"0.1.0\",\"sha256\":\"ab\"}}}");
      Files.writeString(run.resolve("spec.json"), Json.line(spec));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every step is a checkpoint: the log's length is the state. */
  private Training train(String network, Path run, Map<?, ?> options, Observer observer) {
    Path spec = run.resolve("spec.json");
    Path log = run.resolve("steps.jsonl");
    try {
      if (!Files.exists(spec)) {
        spec(run, network, options.get("steps"));
        Files.writeString(log, "");
      }
      long total = ((Number) Json.read(spec).get("steps")).longValue();
      long done = Files.readAllLines(log).size();
      try (var out = Files.newBufferedWriter(log, StandardOpenOption.APPEND)) {
        while (done < total && !observer.stop()) {
          if (held) {
            free.acquire();
          }
          last = Thread.currentThread();
          fault.accept(done + 1);
          done++;
          steps.incrementAndGet();
          out.write("{\"step\":%d,\"loss\":%s,\"lr\":0.5}%n".formatted(done, 1.0 / done));
          out.flush();
          observer.step(new Observer.Step(done, total, 1.0 / done, 0.5, 10, 0, 1));
        }
      }
      if (evaluation != null && done == total) {
        observer.evaluated(evaluation, done);
      }
      return new Training(
          run.getFileName().toString(),
          run,
          null,
          done < total ? Training.End.STOPPED : Training.End.FINISHED,
          List.of(),
          List.of(),
          0,
          0,
          0,
          0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * @param limits of the lab
   * @param host starts workers; null for none
   * @return a lab of this home, without plugins, pictures and clusters
   */
  LabService lab(Limits limits, WorkerHost host) {
    return lab(trainer(), new Provenance(List::of, List::of), new NoCulprits(), limits, host);
  }

  LabService lab(
      Trainer trainer, Provenance provenance, Culprits culprits, Limits limits, WorkerHost host) {
    return new LabService(
        networks(),
        weights(),
        trainer,
        evaluator(),
        registry(),
        provenance,
        culprits,
        new Pictures(networks(), null, null),
        limits,
        ThreadHost.SETTINGS,
        host,
        new Clusters(List.of()),
        Clock.systemUTC());
  }
}
