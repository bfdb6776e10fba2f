package org.riglab.torchrun.internal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.TrainSpec;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;
import org.riglab.training.StepEngine;

/** The files that the processes read, in the run's folder. */
final class TorchrunFiles {
  static final String STATE = "state.safetensors";

  private static final String NETWORK = "network.pt";

  private TorchrunFiles() {}

  /**
   * Leaves nothing large behind on failure.
   *
   * @param job the training
   * @param state it starts with
   * @throws org.riglab.api.RigException if a file cannot be written, or the network or the loss not
   *     be exported
   */
  static void write(StepEngine.Job job, StepEngine.State state) {
    boolean complete = false;
    try {
      writeAll(job, state);
      complete = true;
    } finally {
      if (!complete) {
        delete(job.folder());
      }
    }
  }

  private static void writeAll(StepEngine.Job job, StepEngine.State state) {
    Path folder = job.folder();
    try {
      Files.createDirectories(folder);
      try (InputStream script = TorchrunFiles.class.getResourceAsStream(Launch.SCRIPT)) {
        content(folder.resolve(Launch.SCRIPT), script::transferTo);
      }
      content(folder.resolve(NETWORK), job.network());
      content(folder.resolve("loss.pt"), job.loss());
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    } catch (UncheckedIOException e) {
      throw FileFailures.writing(folder, e.getCause());
    }
    Json.write(folder.resolve("recipe.json"), recipe(job));
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    state.weights().forEach((name, tensor) -> tensors.put("weights/" + name, tensor));
    state.optimizer().forEach((name, tensor) -> tensors.put("optimizer/" + name, tensor));
    state.average().forEach((name, tensor) -> tensors.put("average/" + name, tensor));
    Safetensors.write(folder.resolve(STATE), tensors, Map.of());
  }

  private static void content(Path file, StepEngine.Content content) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      content.write(out);
    }
  }

  private static Map<String, Object> recipe(StepEngine.Job job) {
    TrainSpec spec = job.spec();
    boolean compiled = spec.engine().execution() == Execution.COMPILED;
    Precision precision = compiled ? spec.engine().precision() : Precision.FP32;
    Map<String, Object> recipe = new LinkedHashMap<>();
    recipe.put("optimizer", spec.optimiser().optimizer());
    recipe.put("momentum", spec.optimiser().momentum());
    recipe.put("beta1", spec.optimiser().beta1());
    recipe.put("beta2", spec.optimiser().beta2());
    recipe.put("clip_norm", spec.optimiser().clipNorm());
    recipe.put("ema", spec.optimiser().ema());
    recipe.put("precision", precision.name().toLowerCase(Locale.ROOT));
    recipe.put("deterministic", spec.engine().deterministic());
    recipe.put("device", spec.engine().device());
    recipe.put("state", job.state());
    Map<String, Object> groups = new LinkedHashMap<>();
    job.groups()
        .forEach((name, group) -> groups.put(name, List.of(group.rate(), group.weightDecay())));
    recipe.put("groups", groups);
    return recipe;
  }

  /**
   * @param folder of the files
   * @return what a process has written
   */
  static StepEngine.State state(Path folder) {
    Map<String, HostTensor> all = read(folder.resolve(STATE));
    return new StepEngine.State(
        only(all, "weights/"), only(all, "optimizer/"), only(all, "average/"));
  }

  /** An interrupt, which is how runs are stopped, closes the file: it is read again then. */
  private static Map<String, HostTensor> read(Path file) {
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try {
          return Safetensors.read(file);
        } catch (RigException e) {
          if (!(e.getCause() instanceof ClosedByInterruptException)) {
            throw e;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Map<String, HostTensor> only(Map<String, HostTensor> all, String prefix) {
    Map<String, HostTensor> some = new LinkedHashMap<>();
    all.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            some.put(name.substring(prefix.length()), tensor);
          }
        });
    return some;
  }

  /** Deletes what is as large as the network. */
  static void delete(Path folder) {
    for (String name : List.of(NETWORK, STATE)) {
      try {
        Files.deleteIfExists(folder.resolve(name));
      } catch (IOException e) {
        throw FileFailures.writing(folder.resolve(name), e);
      }
    }
  }
}
