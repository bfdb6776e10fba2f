package org.riglab.torchrun.internal;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.networks.data.Batch;
import org.riglab.training.StepEngine;

/** The processes that torchrun has started, ready for steps. */
final class TorchrunProcesses implements StepEngine.Processes {
  private final Agent agent;
  private final Ranks ranks;
  private final int count;
  private final Path folder;
  private final Consumer<String> told;
  private List<Integer> complete = List.of();
  private long steps;
  private double seconds;
  private double communication;
  private volatile boolean closed;

  /**
   * @param agent has started the processes; closed with this
   * @param ranks the processes; closed with this
   * @param count how many there are
   * @param folder of the files
   * @param told receives lines for the user
   */
  TorchrunProcesses(Agent agent, Ranks ranks, int count, Path folder, Consumer<String> told) {
    this.agent = agent;
    this.ranks = ranks;
    this.count = count;
    this.folder = folder;
    this.told = told;
  }

  @Override
  public double step(StepEngine.Step step) {
    requireAll();
    Batch first = step.passes().get(0);
    int share = first.size() / count;
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("op", "step");
    message.put("number", step.number());
    message.put("seed", step.seed());
    message.put("rate", step.rate());
    message.put("divisor", (double) step.divisor());
    message.put("passes", step.passes().size());
    message.put("shape", List.of(share, first.height(), first.width()));
    Map<Integer, Map<String, Object>> answers =
        ranks.ask(ranks.living(), message, rank -> shares(step.passes(), rank, share));
    requireOpen();
    if (answers.isEmpty()) {
      throw new StepEngine.LostException(reason());
    }
    Map<String, Object> answer = answers.values().iterator().next();
    requireFinite(answer);
    complete = List.copyOf(answers.keySet());
    steps++;
    if (steps > 1) { // the first one prepares
      seconds += number(answer, "seconds");
      communication += number(answer, "communication");
    }
    return number(answer, "loss");
  }

  private void requireAll() {
    requireOpen();
    if (!ranks.reason().isEmpty()) {
      throw new StepEngine.LostException(reason());
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new StepEngine.LostException("engine torchrun was stopped");
    }
  }

  private String reason() {
    return ranks.reason() + "; what it printed is in " + folder.resolve(Agent.LOG);
  }

  /** What one process takes: the images of all passes, then their labels. */
  private static List<ByteBuffer> shares(List<Batch> passes, int rank, int share) {
    List<ByteBuffer> buffers = new ArrayList<>();
    for (Batch batch : passes) {
      int bytes = 3 * Float.BYTES * share * batch.height() * batch.width();
      buffers.add(batch.images().slice(rank * bytes, bytes));
    }
    for (Batch batch : passes) {
      int bytes = share * batch.height() * batch.width();
      buffers.add(batch.labels().slice(rank * bytes, bytes));
    }
    return buffers;
  }

  private static void requireFinite(Map<String, Object> answer) {
    if (answer.get("bad") instanceof Number pass) {
      throw new StepEngine.NotFiniteException(String.valueOf(answer.get("loss")), pass.intValue());
    }
    if (answer.get("gradient") instanceof String name) {
      throw new StepEngine.NotFiniteException(name, -1);
    }
  }

  /** Python writes numbers that are not finite as words. */
  private static double number(Map<String, Object> answer, String name) {
    return answer.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  @Override
  public StepEngine.State state() {
    List<Integer> living = new ArrayList<>(ranks.living());
    living.retainAll(complete.isEmpty() ? living : complete);
    for (int rank : living) {
      Map<String, Object> answer =
          ranks.ask(List.of(rank), Map.of("op", "save"), r -> List.of()).get(rank);
      if (answer != null) {
        requireSpace(answer);
        return TorchrunFiles.state(folder);
      }
    }
    throw new RigException(RigException.Kind.UNAVAILABLE, "no state: " + reason());
  }

  /** The other processes write to the same place. */
  private void requireSpace(Map<String, Object> answer) {
    if (answer.get("full") instanceof String why) {
      throw new RigException(
          RigException.Kind.NO_SPACE,
          "cannot write %s: %s".formatted(folder.resolve(TorchrunFiles.STATE), why));
    }
  }

  /** Whether the processes are gone. */
  boolean closed() {
    return closed;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (steps > 1 && seconds > 0) {
      told.accept(
          String.format(
              Locale.ROOT,
              "%d processes: %.2f steps/s, %.1f%% of the time waiting for each other",
              count,
              (steps - 1) / seconds,
              100 * communication / seconds));
    }
    ranks.stop();
    agent.await();
    ranks.close();
    agent.close();
    TorchrunFiles.delete(folder);
  }
}
