package org.riglab.runs.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.riglab.api.bench.PluginHost;

/** Workers in this virtual machine, on pipes of the system: the link is that of processes. */
final class ThreadHost implements WorkerHost {
  static final WorkerSettings SETTINGS = new WorkerSettings(60, 0, 0, List.of(), 0, 0, "", "");

  /** No plugins. */
  private static final PluginHost NOTHING =
      new PluginHost() {
        @Override
        public List<String> users(String plugin) {
          return List.of();
        }

        @Override
        public void exchange(Path jar) {
          throw new AssertionError(jar);
        }

        @Override
        public void remove(String plugin) {
          throw new AssertionError(plugin);
        }

        @Override
        public void follow() {
          // there are none
        }
      };

  private final Supplier<LabService> labs;
  final List<Worker> workers = new CopyOnWriteArrayList<>();

  /**
   * @param labs a lab of the home for each worker
   */
  ThreadHost(Supplier<LabService> labs) {
    this.labs = labs;
  }

  @Override
  public Running start(Place place) {
    try {
      Worker worker = new Worker(place, labs.get());
      workers.add(worker);
      worker.loop.start();
      return worker;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a process would be. */
  static final class Worker implements Running {
    private final Place place;
    private final LabService lab;
    private final Pipe down = Pipe.open();
    private final Pipe up = Pipe.open();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final WorkLoop loop;

    Worker(Place place, LabService lab) throws IOException {
      this.place = place;
      this.lab = lab;
      this.loop =
          lab.work(
              place,
              Channels.newInputStream(down.source()),
              Channels.newOutputStream(up.sink()),
              NOTHING,
              () -> new Thread(() -> end(0)).start());
    }

    private void end(int status) {
      try {
        lab.close();
        up.sink().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        exit.complete(status);
      }
    }

    /** As SIGKILL does: nothing more of it reaches the store or the server. */
    @Override
    public void kill() {
      try {
        lab.store().close();
        up.sink().close();
        down.source().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        exit.complete(128 + 9);
      }
    }

    @Override
    public String title() {
      return "worker " + place.name();
    }

    @Override
    public OutputStream input() {
      return Channels.newOutputStream(down.sink());
    }

    @Override
    public InputStream output() {
      return Channels.newInputStream(up.source());
    }

    @Override
    public CompletableFuture<Integer> exit() {
      return exit;
    }

    @Override
    public String lastWords() {
      return "";
    }
  }
}
