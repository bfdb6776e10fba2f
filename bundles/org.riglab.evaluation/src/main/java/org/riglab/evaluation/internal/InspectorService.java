package org.riglab.evaluation.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Inspection;
import org.riglab.api.bench.Inspection.ImageResult;
import org.riglab.api.bench.Inspector;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.base.Interrupts;
import org.riglab.networks.ActivationListener;
import org.riglab.networks.PassLength;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.data.LeasedImages;
import org.riglab.networks.data.ResizedSplit;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.Model;
import org.riglab.networks.inference.Segmenter;

/** Looks into iterations, image by image. */
@Component
public final class InspectorService implements Inspector {
  private static final String USER = "inspection";
  private static final double[] AREAS = {
    0, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 65536
  };
  private static final double[] BORDERS = {0, 2, 4, 8, 16, 32, 64};
  private static final double[] PARTS = {0, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128};

  /** Channels of a gate map that are drawn one by one. */
  private static final int CHANNELS = 64;

  private final Registry registry;
  private final Sessions sessions;

  /** For declarative services. */
  @Activate
  public InspectorService(@Reference Registry registry, @Reference Sessions sessions) {
    this.registry = registry;
    this.sessions = sessions;
  }

  @Override
  public Inspection inspect(EvalSpec spec, int examples, Observer observer) {
    if (spec.stopping().adaptive()
        || spec.flip()
        || !spec.window().isEmpty()
        || !spec.scales().equals(List.of(1.0))
        || spec.scoring() != EvalSpec.Scoring.WARPED) {
      throw new RigException(
          "an inspection needs a single pass of every image: one scale, no flip, no"
              + " window, scoring warped, no budget and no condition");
    }
    Device device = Torch.device(spec.device());
    try (Session session = sessions.open(spec.network(), USER, device);
        LeasedImages data = LeasedImages.open(registry, spec.dataset(), spec.data(), USER)) {
      data.requireClasses(spec.network(), session.spec().classes());
      List<String> splits = data.images().splits();
      String name =
          spec.split().isEmpty() ? splits.get(Math.min(1, splits.size() - 1)) : spec.split();
      Split split = ResizedSplit.of(data.images().split(name), spec.resize());
      Look look = new Look(session, spec, split);
      return Torch.withoutGrad(() -> look.all(data, examples, observer));
    }
  }

  /** One inspection. */
  private static final class Look {
    private final Session session;
    private final EvalSpec spec;
    private final Split split;
    private final Map<String, GateValues> gates = new TreeMap<>();
    private final List<double[]> residuals = new ArrayList<>();
    private final PixelGroups areas = new PixelGroups("size of the object", "pixels", AREAS);
    private final PixelGroups borders =
        new PixelGroups("distance to the border of a class", "pixels", BORDERS);
    private final PixelGroups parts =
        new PixelGroups("distance to the diagnostic part", "pixels", PARTS);

    Look(Session session, EvalSpec spec, Split split) {
      this.session = session;
      this.spec = spec;
      this.split = split;
    }

    Inspection all(LeasedImages data, int examples, Observer observer) {
      int count = spec.limit() > 0 ? Math.min(spec.limit(), split.size()) : split.size();
      IterationCounts counts = new IterationCounts(session.spec().classes());
      for (int i = 0; i < count; i++) {
        Interrupts.check();
        Sample sample = split.sample(i);
        Maps maps = new Maps("gate.");
        List<byte[]> labels = predict(sample, maps);
        counts.add(split.id(i), sample.label(), labels);
        maps.kept.forEach(
            (map, value) -> gates.computeIfAbsent(map, m -> new GateValues()).add(value));
        group(sample, split.parts(i), labels);
        observer.image(i + 1, count);
      }
      List<ImageResult> results = counts.images();
      List<Integer> order =
          IntStream.range(0, count)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> last(results.get(i).meanIou())))
              .toList();
      List<Inspection.Example> shown = new ArrayList<>();
      for (int i : order.subList(0, Math.min(examples, count))) {
        shown.add(example(i));
      }
      Map<String, Inspection.Gate> values = new LinkedHashMap<>();
      gates.forEach((map, value) -> values.put(map, value.result()));
      List<Inspection.Group> groups = new ArrayList<>(List.of(areas.group(), borders.group()));
      groups.add(parts.group());
      groups.removeIf(group -> group.bins().isEmpty());
      return new Inspection(
          spec,
          session.spec(),
          data.images().classes(),
          counts.flips(),
          counts.iou(),
          groups,
          values,
          residuals.stream().map(sum -> sum[0] / sum[1]).toList(),
          order.stream().map(results::get).toList(),
          shown,
          gates.isEmpty() ? List.of() : dynamics(order.subList(0, shown.size())));
    }

    private List<Inspection.Dynamics> dynamics(List<Integer> indices) {
      List<Inspection.Dynamics> all = new ArrayList<>();
      for (int i : indices) {
        all.add(new DynamicsRun(session, split.sample(i)).dynamics(split.id(i)));
      }
      return all;
    }

    private static double last(List<Double> values) {
      return values.get(values.size() - 1);
    }

    private void group(Sample sample, byte[] marked, List<byte[]> labels) {
      byte[] label = sample.label();
      int height = sample.height();
      int width = sample.width();
      double[] sizes = new double[label.length];
      int[] regions = Distances.areas(label, height, width);
      for (int i = 0; i < label.length; i++) {
        sizes[i] = regions[i];
      }
      areas.add(sizes, label, labels);
      boolean[] border = Distances.borders(label, height, width);
      borders.add(Distances.toNearest(border, height, width), label, labels);
      if (marked.length > 0) {
        parts.add(Distances.toParts(label, marked, height, width), label, labels);
      }
    }

    private List<byte[]> predict(Sample sample, Maps maps) {
      Segmenter segmenter = new Segmenter(spec.inference());
      Shape size = new Shape(sample.height(), sample.width());
      segmenter
          .need(session.spec(), 1, size, size)
          .require(session.manager().getDevice(), "a smaller --resize");
      try (NDManager manager = Torch.newManager(session.manager().getDevice())) {
        float[] planes = new float[3 * sample.height() * sample.width()];
        session.trainedOn().normalization().write(sample.image(), FloatBuffer.wrap(planes), 0);
        NDArray image = manager.create(planes, new Shape(1, 3, sample.height(), sample.width()));
        NDList labels = segmenter.labels(new Net(maps), image, sample.height(), sample.width());
        return labels.stream().map(NDArray::toByteArray).toList();
      } finally {
        session.sweep();
      }
    }

    private Inspection.Example example(int index) {
      Interrupts.check();
      Sample sample = split.sample(index);
      Maps maps = new Maps("gate.", "logits.");
      List<byte[]> labels = predict(sample, maps);
      int shown = frequent(sample.label(), session.spec().classes());
      Map<String, FeatureMap> pictures = new LinkedHashMap<>();
      maps.kept.forEach(
          (name, map) -> {
            if (name.startsWith("gate.")) {
              pictures.put(name + " mean", MapPictures.mean(map));
              pictures.put(name + " spread", MapPictures.spread(map));
              pictures.put(name + " channels", MapPictures.channels(map, CHANNELS));
            } else {
              pictures.put(
                  "class " + shown + name.replace("logits.", " "),
                  MapPictures.activation(map, shown));
            }
          });
      return new Inspection.Example(
          new Report.Row(
              split.id(index),
              new RgbImage(sample.height(), sample.width(), sample.image()),
              Optional.of(sample.label()),
              labels,
              pictures));
    }

    /** The most frequent class but the first, which is often background. */
    private static int frequent(byte[] label, int classes) {
      int[] counts = new int[256];
      for (byte value : label) {
        counts[value & 0xff]++;
      }
      counts[Dataset.VOID] = -1;
      int best = classes > 1 ? 1 : 0;
      for (int c = 1; c < classes; c++) {
        best = counts[c] > counts[best] ? c : best;
      }
      return best;
    }

    /** Runs all iterations, and measures how much each changes. */
    private final class Net implements Model {
      private final Maps maps;

      Net(Maps maps) {
        this.maps = maps;
      }

      @Override
      public NDList logits(NDArray images) {
        NDList logits = session.forward(images, PassLength.of(spec.iterations()), maps);
        float[] before = null;
        for (int t = 0; t < logits.size(); t++) {
          float[] now = logits.get(t).toFloatArray();
          if (residuals.size() == t) {
            residuals.add(new double[2]);
          }
          if (maps.counts()) {
            residuals.get(t)[0] += before == null ? Double.NaN : MapPictures.residual(before, now);
            residuals.get(t)[1]++;
          }
          before = now;
        }
        logits.attach(images.getManager());
        session.sweep();
        return logits;
      }

      @Override
      public String blame(NDArray images) {
        return session.blame(images, false);
      }
    }
  }

  /** Keeps maps whose names begin in one of several ways. */
  private static final class Maps implements ActivationListener {
    private final List<String> beginnings;
    private final Map<String, FeatureMap> kept = new TreeMap<>();

    Maps(String... beginnings) {
      this.beginnings = List.of(beginnings);
    }

    /** Whether it is a pass over the split, not one for pictures. */
    boolean counts() {
      return beginnings.size() == 1;
    }

    @Override
    public boolean wants(String name) {
      return beginnings.stream().anyMatch(name::startsWith);
    }

    @Override
    public void take(String name, NDArray map) {
      Shape shape = map.getShape();
      kept.put(
          name,
          new FeatureMap(
              (int) shape.get(1), (int) shape.get(2), (int) shape.get(3), map.toFloatArray()));
    }
  }
}
