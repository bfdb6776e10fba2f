package org.riglab.torchrun.internal;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.base.FileFailures;
import org.riglab.training.StepEngine;

/** Starts torchrun and waits for its processes to connect. */
final class Agent implements AutoCloseable {
  static final String LOG = "torchrun.log";

  private static final String STOPPED = "stopped while the processes started";

  private static final int POLL_MILLISECONDS = 200;
  private static final int HELLO_MILLISECONDS = 10_000;
  private static final long END_SECONDS = 45;
  private static final long TOLD_SECONDS = 5;

  private final StepEngine.Job job;
  private final String python;
  private final String address;
  private final long startSeconds;
  private final String token;
  private Process process;

  /**
   * @param job the training
   * @param python the program
   * @param address of this machine for others; empty for its name
   * @param startSeconds until all processes must have connected
   */
  Agent(StepEngine.Job job, String python, String address, long startSeconds) {
    this.job = job;
    this.python = python;
    this.address = address;
    this.startSeconds = startSeconds;
    byte[] bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    this.token = HexFormat.of().formatHex(bytes);
  }

  /**
   * @return the processes, ready
   * @throws RigException UNAVAILABLE if one cannot be started
   */
  Ranks start() {
    int nodes = job.spec().engine().nodes();
    int count = nodes * job.spec().engine().perNode();
    Map<Integer, Rank> connected = new TreeMap<>();
    Ranks ranks = null;
    try (ServerSocket server = new ServerSocket()) {
      InetAddress here = nodes == 1 ? InetAddress.getLoopbackAddress() : null;
      server.bind(new InetSocketAddress(here, 0), count);
      server.setSoTimeout(POLL_MILLISECONDS);
      execute(server.getLocalPort());
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(startSeconds);
      while (connected.size() < count) {
        requireRunning(connected.size(), count, until);
        accept(server, count, connected);
      }
      ranks = new Ranks(List.copyOf(connected.values()));
      if (ranks.answers(ranks.living()).size() < count) {
        requireNotStopped();
        throw failed(ranks.reason());
      }
      Ranks ready = ranks;
      ranks = null;
      connected.clear();
      return ready;
    } catch (IOException e) {
      throw new RigException(Kind.IO, "torchrun: " + FileFailures.reason(e), e);
    } finally {
      connected.values().forEach(Rank::close);
      if (ranks != null) {
        ranks.close();
      }
    }
  }

  private void execute(int port) throws IOException {
    int nodes = job.spec().engine().nodes();
    Launch launch =
        new Launch(
            python,
            job.folder(),
            nodes,
            job.spec().engine().perNode(),
            nodes == 1 ? "127.0.0.1" : name(),
            port,
            nodes == 1 ? 0 : free());
    Map<String, String> environment = System.getenv();
    ProcessBuilder builder = new ProcessBuilder(launch.command(environment));
    File log = job.folder().resolve(LOG).toFile();
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.to(log));
    builder.environment().put(Launch.TOKEN, token);
    int threads =
        launch.threads(job.spec().engine().threads(), Runtime.getRuntime().availableProcessors());
    builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
    if (nodes == 1 && System.getProperty("os.name").equals("Linux")) {
      builder.environment().putIfAbsent("GLOO_SOCKET_IFNAME", "lo");
    }
    process = builder.start();
    process.getOutputStream().close();
    if (nodes > 1 && !launch.slurm(environment)) {
      job.told()
          .accept(
              "execute on each of the other %d machines: %s"
                  .formatted(nodes - 1, launch.elsewhere(token)));
    }
  }

  private String name() throws IOException {
    if (!address.isEmpty()) {
      return address;
    }
    String slurm = System.getenv("SLURMD_NODENAME");
    return slurm == null ? InetAddress.getLocalHost().getHostName() : slurm;
  }

  private static int free() throws IOException {
    try (ServerSocket any = new ServerSocket(0)) {
      return any.getLocalPort();
    }
  }

  private void requireRunning(int connected, int count, long until) {
    if (stopped()) {
      throw new StepEngine.LostException(STOPPED);
    }
    if (!process.isAlive()) {
      requireNotStopped();
      throw failed("torchrun ended with status %d".formatted(process.exitValue()));
    }
    if (System.nanoTime() > until) {
      throw failed(
          "%d of %d processes have connected within %d s"
              .formatted(connected, count, startSeconds));
    }
  }

  private boolean stopped() {
    return Thread.currentThread().isInterrupted() || job.stopped().getAsBoolean();
  }

  /** SLURM signals all processes of a job at once: torchrun may end before this one is told. */
  private void requireNotStopped() {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(TOLD_SECONDS);
    while (!stopped() && System.nanoTime() < until) {
      try {
        Thread.sleep(POLL_MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (stopped()) {
      throw new StepEngine.LostException(STOPPED);
    }
  }

  private void accept(ServerSocket server, int count, Map<Integer, Rank> connected)
      throws IOException {
    Socket socket;
    try {
      socket = server.accept();
    } catch (SocketTimeoutException e) {
      return;
    }
    Rank rank = new Rank(socket);
    boolean known = false;
    try {
      rank.patience(HELLO_MILLISECONDS);
      Map<String, Object> hello = rank.receive();
      if (token.equals(hello.get("token")) && hello.get("rank") instanceof Number number) {
        known = number.intValue() < count && connected.putIfAbsent(number.intValue(), rank) == null;
        rank.patience(0);
        Python.requireVersion(python, String.valueOf(hello.get("torch")));
      }
    } catch (IOException e) {
      known = false; // a stranger, or a process that has ended at once: torchrun notices
    } finally {
      if (!known) {
        rank.close();
      }
    }
  }

  private RigException failed(String what) {
    Path log = job.folder().resolve(LOG);
    return new RigException(
        Kind.UNAVAILABLE, "torchrun: %s; what it printed is in %s".formatted(what, log));
  }

  /** Waits for the end of torchrun. */
  void await() {
    boolean interrupted = false;
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    while (process != null && process.isAlive() && System.nanoTime() < until) {
      try {
        process.waitFor(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
