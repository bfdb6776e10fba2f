package org.riglab.web.internal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.riglab.api.access.Role;
import org.riglab.api.data.ClassTable;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;

/** Pictures of runs, one layer a file; the last few are kept in memory. */
final class Pictures {
  private static final int KEPT = 24;
  private static final String STEP = "step";
  private static final long LAST = -1;
  private static final int MOST_WAITING = 4;
  private static final long PATIENCE_SECONDS = 20;

  private final Lab lab;
  private final Gallery gallery;
  private final Semaphore free = new Semaphore(1, true);
  private final Map<Key, Gallery.Picture> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Gallery.Picture> eldest) {
          return size() > KEPT;
        }
      };

  /**
   * What a picture depends on.
   *
   * @param run id of the run
   * @param state of the run; pictures are available when it is done
   * @param done steps it has done
   * @param index of the image
   * @param step of the training; -1 for its last checkpoint
   */
  private record Key(long run, Run.State state, long done, int index, long step) {}

  Pictures(Lab lab, Gallery gallery) {
    this.lab = lab;
    this.gallery = gallery;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/v1/runs/{run}/pictures", Role.VIEWER, this::list),
        Route.of(
            "GET",
            "/api/v1/runs/{run}/pictures/{index}",
            Role.VIEWER,
            call -> call.json(about(picture(call))),
            STEP),
        Route.of(
            "GET", "/api/v1/runs/{run}/pictures/{index}/{layer}", Role.VIEWER, this::layer, STEP));
  }

  private Run run(Call call) {
    long id = call.number("run");
    return lab.run(id);
  }

  private void list(Call call) throws IOException {
    Run run = run(call);
    Gallery.Listing listing = gallery.list(run);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("network", listing.network());
    answer.put("images", listing.images());
    answer.put("kept", listing.kept());
    answer.put(
        "available",
        listing.others()
            ? IntStream.range(0, listing.images().size()).boxed().toList()
            : listing.kept());
    answer.put("steps", listing.steps());
    answer.put("stepImages", listing.stepImages());
    answer.put("classes", classes(listing.classes()));
    call.json(answer);
  }

  static List<Map<String, Object>> classes(ClassTable classes) {
    return classes.entries().stream()
        .map(
            entry ->
                Map.<String, Object>of(
                    "name", entry.name(), "colour", String.format("#%06x", entry.rgb() & 0xffffff)))
        .toList();
  }

  private static Map<String, Object> about(Gallery.Picture picture) {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("id", picture.image());
    about.put("height", picture.height());
    about.put("width", picture.width());
    about.put("kept", picture.kept());
    about.put("iterations", picture.accuracy().size());
    about.put("accuracy", picture.accuracy());
    about.put("gates", picture.gates());
    about.put("layers", List.copyOf(picture.layers().keySet()));
    return about;
  }

  private void layer(Call call) throws IOException {
    byte[] png = picture(call).layers().get(call.path("layer"));
    if (png == null) {
      throw new Refusal(404, "there is no such layer; the picture lists them");
    }
    call.response().setHeader("Cache-Control", "private, max-age=60");
    call.send(200, "image/png", png);
  }

  private Gallery.Picture picture(Call call) {
    Run run = run(call);
    int index = (int) Math.min(Integer.MAX_VALUE, call.number("index"));
    long step = call.text(STEP, "").isEmpty() ? LAST : call.integer(STEP, 0, 999_999_999, 0);
    Key key = new Key(run.id(), run.state(), run.progress().done(), index, step);
    synchronized (kept) {
      Gallery.Picture picture = kept.get(key);
      if (picture != null) {
        return picture;
      }
    }
    // One at a time: it costs as much as a step, and a training may be running.
    if (!enter()) {
      throw new Refusal(
          503, "other pictures are being made; try again in a moment", Map.of("Retry-After", "5"));
    }
    try {
      synchronized (kept) {
        Gallery.Picture picture = kept.get(key);
        if (picture != null) {
          return picture;
        }
      }
      Gallery.Picture picture =
          step == LAST ? gallery.picture(run, index) : gallery.picture(run, index, step);
      synchronized (kept) {
        kept.put(key, picture);
      }
      return picture;
    } finally {
      free.release();
    }
  }

  /** Few wait, and not for ever: each holds a thread that others need. */
  private boolean enter() {
    try {
      return free.getQueueLength() < MOST_WAITING
          && free.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
