package org.riglab.torchrun.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.riglab.api.RigException;

/**
 * The processes of a run. One thread each reads what it says, so that the end of one is noticed
 * while the others are busy. Not thread safe.
 */
final class Ranks implements AutoCloseable {
  /** How long the others may take to notice that one is lost; torchrun ends them then. */
  private static final long GRACE_SECONDS = 40;

  /** A process that fails because another has ended may say so before the end is noticed. */
  private static final long ORDER_SECONDS = 2;

  private static final String ENDED = "it has ended";

  private final List<Rank> ranks;
  private final boolean[] lost;
  private final BlockingQueue<Said> said = new LinkedBlockingQueue<>();
  private String reason = "";

  /** An empty message is the end of the process. */
  private record Said(int rank, Map<String, Object> message, boolean end) {}

  /**
   * @param ranks the connections; closed with this
   */
  Ranks(List<Rank> ranks) {
    this.ranks = List.copyOf(ranks);
    this.lost = new boolean[ranks.size()];
    for (int i = 0; i < ranks.size(); i++) {
      int rank = i;
      Thread reader = new Thread(() -> read(rank), "riglab-torchrun-" + rank);
      reader.setDaemon(true);
      reader.start();
    }
  }

  private void read(int rank) {
    try {
      while (true) {
        said.add(new Said(rank, ranks.get(rank).receive(), false));
      }
    } catch (IOException | RigException e) {
      said.add(new Said(rank, Map.of(), true));
    }
  }

  /** Why the processes cannot go on, in a line; empty if they can. */
  String reason() {
    return reason;
  }

  /** Numbers of the processes that are there. */
  List<Integer> living() {
    List<Integer> living = new ArrayList<>();
    for (int i = 0; i < lost.length; i++) {
      if (!lost[i]) {
        living.add(i);
      }
    }
    return living;
  }

  /**
   * Sends a message to processes and waits for their answers.
   *
   * @param to numbers of the processes
   * @param message to all
   * @param data for each
   * @return answers by number; those that have failed have none, and {@link #reason} says why
   */
  Map<Integer, Map<String, Object>> ask(
      List<Integer> to, Map<String, ?> message, IntFunction<List<ByteBuffer>> data) {
    List<Integer> open = new ArrayList<>();
    for (int rank : to) {
      try {
        ranks.get(rank).send(message, data.apply(rank));
        open.add(rank);
      } catch (IOException e) {
        lose(rank, ENDED);
      }
    }
    return answers(open);
  }

  /**
   * Waits for a message of each of some processes.
   *
   * @param from their numbers
   * @return messages by number; those that have failed have none, and {@link #reason} says why
   */
  Map<Integer, Map<String, Object>> answers(List<Integer> from) {
    Map<Integer, Map<String, Object>> answers = new TreeMap<>();
    Map<Integer, String> errors = new TreeMap<>();
    List<Integer> open = new ArrayList<>(from);
    while (!open.isEmpty()) {
      Said next = next(errors.isEmpty() && reason.isEmpty());
      if (next == null) {
        if (reason.isEmpty()) {
          errors.forEach(this::lose); // the others wait for it
        } else {
          open.forEach(rank -> lose(rank, "it does not answer"));
          open.clear();
        }
      } else if (next.end()) {
        lose(next.rank(), errors.getOrDefault(next.rank(), ENDED));
        open.remove((Integer) next.rank());
      } else if (open.remove((Integer) next.rank())) {
        if (next.message().get("error") instanceof String error) {
          errors.put(next.rank(), error);
        } else {
          answers.put(next.rank(), next.message());
        }
      }
    }
    if (reason.isEmpty() && !errors.isEmpty()) {
      int first = errors.keySet().iterator().next();
      reason = title(first, errors.get(first));
    }
    return answers;
  }

  /** Null after some time, if there is a limit. A stop waits for the end of the step. */
  private Said next(boolean unlimited) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return unlimited
              ? said.take()
              : said.poll(reason.isEmpty() ? ORDER_SECONDS : GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void lose(int rank, String why) {
    lost[rank] = true;
    ranks.get(rank).close();
    if (reason.isEmpty()) {
      reason = title(rank, why);
    }
  }

  private String title(int rank, String why) {
    return "process %d of %d: %s".formatted(rank + 1, ranks.size(), why);
  }

  /** Tells all to end. */
  void stop() {
    for (int rank : living()) {
      try {
        ranks.get(rank).send(Map.of("op", "stop"), List.of());
      } catch (IOException e) {
        lose(rank, ENDED);
      }
    }
  }

  @Override
  public void close() {
    ranks.forEach(Rank::close);
  }
}
