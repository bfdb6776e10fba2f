package org.riglab.web.internal;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Bench;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;

/**
 * Images of a run's validation split as its network sees them: what it predicts in each iteration,
 * and its gates. The network is asked as it is now, one image at a time; the last few answers are
 * kept.
 */
final class Pictures {
  private static final int KEPT = 12;
  private static final int MOST_WAITING = 4;
  private static final long PATIENCE_SECONDS = 20;
  private static final Pattern GATE = Pattern.compile("gate\\.(\\d+)\\.t(\\d+)");

  private final Lab lab;
  private final Bench bench;
  private final Registry registry;
  private final Semaphore free = new Semaphore(1, true);
  private final Map<Key, Picture> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Picture> eldest) {
          return size() > KEPT;
        }
      };

  /**
   * What a picture depends on.
   *
   * @param run id of the run
   * @param done steps it has done
   * @param index of the image
   */
  private record Key(long run, long done, int index) {}

  /**
   * An image and what the network makes of it.
   *
   * @param about see {@link #picture}
   * @param layers PNG files by name
   */
  private record Picture(Map<String, Object> about, Map<String, byte[]> layers) {}

  /**
   * A gate's map, as a grey picture: black for {@code low}, white for {@code high}.
   *
   * @param layer its name
   * @param block 1 for B1
   * @param iteration 2 or more
   * @param low least value, mean over the channels
   * @param high largest value, likewise
   */
  private record GateMap(String layer, int block, int iteration, double low, double high) {}

  Pictures(Lab lab, Bench bench, Registry registry) {
    this.lab = lab;
    this.bench = bench;
    this.registry = registry;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/v1/runs/{run}/pictures", Role.VIEWER, this::list),
        Route.of(
            "GET",
            "/api/v1/runs/{run}/pictures/{index}",
            Role.VIEWER,
            call -> call.json(picture(call).about())),
        Route.of("GET", "/api/v1/runs/{run}/pictures/{index}/{layer}", Role.VIEWER, this::layer));
  }

  private Run run(Call call) {
    long id = call.number("run");
    return RunRoutes.orRefuse(404, () -> lab.run(id));
  }

  private void list(Call call) throws IOException {
    Run run = run(call);
    Map<String, Object> answer =
        RunRoutes.orRefuse(
            409,
            () ->
                with(
                    run,
                    (split, classes) -> {
                      List<String> ids = new ArrayList<>();
                      for (int i = 0; i < Math.min(split.size(), 1000); i++) {
                        ids.add(split.id(i));
                      }
                      Map<String, Object> list = new LinkedHashMap<>();
                      list.put("network", run.network());
                      list.put("images", ids);
                      list.put("classes", classes(classes));
                      return list;
                    }));
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

  private interface Look<T> {
    T at(Split split, ClassTable classes);
  }

  private <T> T with(Run run, Look<T> look) {
    PartSpec dataset = dataset(run.spec().get("dataset"));
    String data = String.valueOf(run.spec().getOrDefault("data", ""));
    try (Lease<Dataset> lease = registry.lease(Dataset.class, dataset.name(), "page")) {
      Dataset service = lease.service();
      Images images =
          service.open(
              data.isEmpty() ? Optional.empty() : Optional.of(Path.of(data)),
              registry.options("dataset " + dataset.name(), service, dataset.options()));
      Object asked =
          run.spec().getOrDefault(run.kind() == Run.Kind.EVAL ? "split" : "val_split", "");
      String split =
          asked instanceof String name && !name.isEmpty()
              ? name
              : images.splits().get(Math.min(1, images.splits().size() - 1));
      return look.at(images.split(split), images.classes());
    }
  }

  private static PartSpec dataset(Object spec) {
    if (spec instanceof Map<?, ?> map && map.get("name") instanceof String name) {
      Map<String, Object> options = new LinkedHashMap<>();
      map.forEach((k, v) -> options.put((String) k, v));
      options.remove("name");
      return new PartSpec(name, options);
    }
    if (spec instanceof String name) {
      return PartSpec.of(name);
    }
    throw new Refusal(409, "the run has not said yet what data it uses");
  }

  private void layer(Call call) throws IOException {
    byte[] png = picture(call).layers().get(call.path("layer"));
    if (png == null) {
      throw new Refusal(404, "there is no such layer; the picture lists them");
    }
    call.response().setHeader("Cache-Control", "private, max-age=60");
    call.send(200, "image/png", png);
  }

  private Picture picture(Call call) {
    Run run = run(call);
    int index = (int) Math.min(Integer.MAX_VALUE, call.number("index"));
    Key key = new Key(run.id(), run.progress().done(), index);
    synchronized (kept) {
      Picture picture = kept.get(key);
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
        Picture picture = kept.get(key);
        if (picture != null) {
          return picture;
        }
      }
      Picture picture = RunRoutes.orRefuse(409, () -> make(run, index));
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

  private Picture make(Run run, int index) {
    return with(
        run,
        (split, classes) -> {
          if (index >= split.size()) {
            throw new Refusal(404, "there is no such image; the split has " + split.size());
          }
          Sample sample = split.sample(index);
          Bench.Prediction prediction =
              bench.predict(
                  run.network(),
                  new Bench.Image(sample.height(), sample.width(), sample.image()),
                  List.of("gate.*"));
          return picture(sample, prediction, classes);
        });
  }

  private static Picture picture(Sample sample, Bench.Prediction prediction, ClassTable classes) {
    Map<String, byte[]> layers = new LinkedHashMap<>();
    int height = sample.height();
    int width = sample.width();
    layers.put("image", rgb(sample.image(), height, width));
    layers.put("label", labels(sample.label(), height, width, classes));
    for (int t = 1; t <= prediction.labels().size(); t++) {
      layers.put("t" + t, labels(prediction.labels().get(t - 1), height, width, classes));
    }
    List<GateMap> gates = new ArrayList<>();
    prediction
        .maps()
        .forEach(
            (name, map) -> {
              Matcher matcher = GATE.matcher(name);
              if (matcher.matches()) {
                float[] mean = mean(map);
                float low = Float.POSITIVE_INFINITY;
                float high = Float.NEGATIVE_INFINITY;
                for (float value : mean) {
                  low = Math.min(low, value);
                  high = Math.max(high, value);
                }
                layers.put(name, grey(mean, map.height(), map.width(), low, high));
                gates.add(
                    new GateMap(
                        name,
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        low,
                        high));
              }
            });
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("id", sample.id());
    about.put("height", height);
    about.put("width", width);
    about.put("iterations", prediction.labels().size());
    about.put("accuracy", accuracies(sample, prediction));
    about.put("gates", gates);
    about.put("layers", List.copyOf(layers.keySet()));
    return new Picture(about, layers);
  }

  /** Share of the pixels that count, per iteration; NaN where none counts. */
  private static List<Double> accuracies(Sample sample, Bench.Prediction prediction) {
    List<Double> shares = new ArrayList<>();
    for (byte[] labels : prediction.labels()) {
      long right = 0;
      long all = 0;
      for (int i = 0; i < labels.length; i++) {
        if ((sample.label()[i] & 0xff) != Dataset.VOID) {
          all++;
          right += labels[i] == sample.label()[i] ? 1 : 0;
        }
      }
      shares.add((double) right / all);
    }
    return shares;
  }

  private static float[] mean(Bench.FloatMap map) {
    int size = map.height() * map.width();
    float[] mean = new float[size];
    for (int c = 0; c < map.channels(); c++) {
      for (int i = 0; i < size; i++) {
        mean[i] += map.values()[c * size + i] / map.channels();
      }
    }
    return mean;
  }

  private static byte[] rgb(byte[] rgb, int height, int width) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < height * width; i++) {
      int colour = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
      image.setRGB(i % width, i / width, colour);
    }
    return png(image);
  }

  private static byte[] labels(byte[] labels, int height, int width, ClassTable classes) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < height * width; i++) {
      int label = labels[i] & 0xff;
      // Pixels that do not count stay transparent.
      int colour =
          label < classes.size() ? 0xff000000 | classes.entries().get(label).rgb() : 0x00000000;
      image.setRGB(i % width, i / width, colour);
    }
    return png(image);
  }

  private static byte[] grey(float[] values, int height, int width, float low, float high) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    float range = high > low ? high - low : 1;
    for (int i = 0; i < height * width; i++) {
      int level = Math.round((values[i] - low) / range * 255);
      image.getRaster().setSample(i % width, i / width, 0, level);
    }
    return png(image);
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
