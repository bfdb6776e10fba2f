package org.riglab.report.internal;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.riglab.api.bench.Cost;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.metric.Scores;

/** Made-up data of realistic shape. */
final class Fixtures {
  static final ClassTable CLASSES =
      new ClassTable(
          List.of(
              new ClassTable.Entry("background", 0x404048),
              new ClassTable.Entry("disc", 0xC0392B),
              new ClassTable.Entry("square", 0x2E86C1),
              new ClassTable.Entry("triangle", 0x27AE60),
              new ClassTable.Entry("<b>&", 0xF1C40F),
              new ClassTable.Entry("rare thing", 0x8E44AD)));

  private Fixtures() {}

  /** Classes of which every seventh has a long name. */
  static ClassTable classes(int count) {
    List<ClassTable.Entry> entries = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      entries.add(
          new ClassTable.Entry("class " + c + (c % 7 == 0 ? " with a very long name" : ""), c));
    }
    return new ClassTable(entries);
  }

  /** Mostly right; the middle class has no pixels. */
  static List<List<Long>> confusion(int classes) {
    Random random = new Random(classes);
    List<List<Long>> counts = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      List<Long> row = new ArrayList<>();
      for (int k = 0; k < classes; k++) {
        long wrong = random.nextInt(5) == 0 ? random.nextInt(100) : random.nextInt(4);
        row.add(c == classes / 2 ? 0 : k == c ? 100L + random.nextInt(900) : wrong);
      }
      counts.add(row);
    }
    return counts;
  }

  /** Three shapes with void borders over clutter. */
  static Sample scene(int seed, int height, int width) {
    Random random = new Random(seed);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D p = picture.createGraphics();
    p.setColor(new Color(0x8D, 0x99, 0xA0));
    p.fillRect(0, 0, width, height);
    for (int i = 0; i < 40; i++) {
      p.setColor(Color.getHSBColor(random.nextFloat(), 0.25f, 0.4f + 0.5f * random.nextFloat()));
      p.fillRect(
          random.nextInt(width), random.nextInt(height), width / 12 + 1, 1 + random.nextInt(4));
    }
    byte[] label = new byte[height * width];
    for (int c = 1; c <= 4; c++) {
      double x = width * (0.2 + 0.6 * random.nextDouble());
      double y = height * (0.2 + 0.6 * random.nextDouble());
      double r = Math.min(height, width) * (0.12 + 0.1 * random.nextDouble());
      Path2D.Double shape = new Path2D.Double();
      if (c == 1 || c == 4) {
        shape.append(new Ellipse2D.Double(x - r, y - r / c * 2, 2 * r, 4 * r / c), false);
      } else {
        int corners = c == 2 ? 4 : 3;
        for (int k = 0; k < corners; k++) {
          double angle = 2 * Math.PI * (k + 0.3) / corners;
          if (k == 0) {
            shape.moveTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
          } else {
            shape.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
          }
        }
        shape.closePath();
      }
      p.setColor(Color.getHSBColor(random.nextFloat(), 0.55f, 0.85f));
      p.fill(shape);
      double border = Math.max(1, r / 12);
      for (int i = 0; i < label.length; i++) {
        double u = i % width + 0.5;
        double v = i / width + 0.5;
        if (shape.contains(u, v)) {
          label[i] = (byte) c;
        } else if (shape.intersects(u - border, v - border, 2 * border, 2 * border)) {
          label[i] = (byte) 255;
        }
      }
    }
    p.dispose();
    byte[] rgb = new byte[height * width * 3];
    for (int i = 0; i < height * width; i++) {
      int pixel = picture.getRGB(i % width, i / width);
      for (int c = 0; c < 3; c++) {
        int noisy = (pixel >> 16 - 8 * c & 0xFF) + (int) (12 * random.nextGaussian());
        rgb[3 * i + c] = (byte) Math.max(0, Math.min(255, noisy));
      }
    }
    return new Sample("scene_" + seed, height, width, rgb, label);
  }

  static Split split(int size) {
    return new Split() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public String id(int index) {
        return "scene_" + index;
      }

      @Override
      public Sample sample(int index) {
        return index % 4 == 3 ? scene(index, 360, 480) : scene(index, 96, 96);
      }

      @Override
      public String fingerprint() {
        return "f".repeat(64);
      }
    };
  }

  /** A row whose predictions get better from iteration to iteration. */
  static Report.Row row(int seed, int height, int width, int iterations) {
    Sample sample = scene(seed, height, width);
    Random random = new Random(seed);
    List<byte[]> predictions = new ArrayList<>();
    for (int t = 1; t <= iterations; t++) {
      byte[] prediction = new byte[height * width];
      int cell = Math.max(1, width / 16);
      int[] wrong = new int[40 * 40];
      for (int i = 0; i < wrong.length; i++) {
        wrong[i] = random.nextDouble() < 0.35 / t ? random.nextInt(5) : -1;
      }
      for (int i = 0; i < prediction.length; i++) {
        int w = wrong[i / width / cell % 40 * 40 + i % width / cell % 40];
        int truth = sample.label()[i] & 0xFF;
        prediction[i] = (byte) (truth == 255 ? 0 : truth > 0 && w >= 0 ? w : truth);
      }
      predictions.add(prediction);
    }
    Map<String, FeatureMap> maps = new LinkedHashMap<>();
    for (int t = 2; t <= iterations; t++) {
      for (int k : new int[] {4, 5}) {
        maps.put("gate." + k + ".t" + t, map(random, k == 4 ? 16 : 8));
      }
    }
    return new Report.Row(
        sample.id(),
        new RgbImage(height, width, sample.image()),
        Optional.of(sample.label()),
        predictions,
        maps);
  }

  private static FeatureMap map(Random random, int size) {
    float[] values = new float[3 * size * size];
    double phase = 6 * random.nextDouble();
    for (int i = 0; i < values.length; i++) {
      double x = (double) (i % size) / size;
      double y = (double) (i / size % size) / size;
      values[i] = (float) (0.5 + 0.2 * Math.sin(5 * x + phase) * Math.cos(4 * y));
    }
    return new FeatureMap(3, size, size, values);
  }

  static Report.Page page() {
    return new Report.Page(
        "Feed-forward and recurrent gating on shapes",
        List.of(
            "A ResNet-18 (width 16, output stride 8) and its RIGNet were trained for 1200 steps at"
                + " 96 x 96 from the same seed. The gate of the RIGNet was then swapped from"
                + " mul-sigmoid to mul-tanh in the running process, and training went on for 600"
                + " steps.",
            "Numbers are on 200 images of the validation split that no network has seen."),
        List.of(
            entry("feed-forward", 1, 0, 0.52, Map.of("final", 0.52), 1200),
            entry(
                "rignet 6..4, u = 3",
                3,
                1,
                0.68,
                ordered("mul-sigmoid", 0.68, "after swap to mul-tanh", 0.71),
                1200,
                600)),
        CLASSES);
  }

  private static Map<String, Double> ordered(String a, double x, String b, double y) {
    Map<String, Double> map = new LinkedHashMap<>();
    map.put(a, x);
    map.put(b, y);
    return map;
  }

  private static Report.Entry entry(
      String title,
      int iterations,
      int seed,
      double level,
      Map<String, Double> finals,
      int... steps) {
    Random random = new Random(seed);
    List<Training> trainings = new ArrayList<>();
    int before = 0;
    for (int n : steps) {
      trainings.add(
          training("run-" + (trainings.size() + 1), before, n, iterations, level, random));
      before += n;
    }
    Map<String, Evaluation> evaluations = new LinkedHashMap<>();
    finals.forEach(
        (name, miou) ->
            evaluations.put(name, evaluation(miou, iterations, name.contains("tanh"), random)));
    return new Report.Entry(
        title,
        trainings,
        evaluations,
        List.of(row(3, 64, 64, iterations), row(8, 64, 64, iterations)));
  }

  private static Training training(
      String run, int before, int steps, int iterations, double level, Random random) {
    List<Training.Point> points = new ArrayList<>();
    List<Training.Validation> evaluations = new ArrayList<>();
    for (int step = 1; step <= steps; step++) {
      double floor = 1.4 - level;
      double loss =
          (floor + 1.2 * Math.exp(-(before + step) / 300.0))
              * (1 + 0.18 * random.nextGaussian() + (step < 30 && before > 0 ? 0.6 : 0));
      points.add(new Training.Point(step, loss, 0.01 * Math.pow(1 - (double) step / steps, 0.9)));
      if (step % 100 == 0) {
        List<Double> miou = new ArrayList<>();
        for (int t = 1; t <= iterations; t++) {
          miou.add(
              (level - 0.07 * (iterations - t)) * (1 - 0.8 * Math.exp(-(before + step) / 350.0))
                  + 0.01 * random.nextGaussian());
        }
        evaluations.add(new Training.Validation(step, miou));
      }
    }
    return new Training(
        run,
        Path.of(run),
        trainSpec(steps),
        Training.End.FINISHED,
        points,
        evaluations,
        level,
        steps - 100,
        23.4567,
        0.0312);
  }

  static TrainSpec trainSpec(int steps) {
    return new TrainSpec(
        "rig",
        "default",
        new TrainSpec.Data(
            PartSpec.of("shapes"),
            "",
            "",
            "",
            200,
            List.of(),
            TrainSpec.Channels.RGB,
            1,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225),
            List.of(1.0)),
        new TrainSpec.Transforms(
            List.of(96, 96),
            List.of(
                new PartSpec("scale", Map.of("min", 0.5, "max", 1.5)),
                PartSpec.of("crop"),
                PartSpec.of("flip"))),
        new TrainSpec.Objective(
            PartSpec.of("cross-entropy"), "none", List.of(), 0, "fixed", false, "unrolled"),
        new TrainSpec.Optimiser("sgd", 0.01, 1, 10, 1, 0.9, 0.9, 0.999, 1e-4, 1, 1, 0, false, 0),
        new TrainSpec.Schedule("poly", 0.9, 0, 0, 0.01),
        new TrainSpec.Budget(0, steps, 8, 1, 7, 100, 0, 100, 0, "mIoU", "best"),
        new TrainSpec.Engine(
            2, 2, Execution.EAGER, Precision.FP32, false, false, "auto", "libtorch", 1, 1, "auto"));
  }

  static Evaluation evaluation(double miou, int iterations, boolean tanh, Random random) {
    List<Scores> scores = new ArrayList<>();
    for (int t = 1; t <= iterations; t++) {
      double level = miou - 0.06 * (iterations - t);
      List<Double> iou = new ArrayList<>();
      for (int c = 0; c < CLASSES.size() - 1; c++) {
        iou.add(Math.min(0.98, (c == 0 ? 0.93 : level) + 0.08 * random.nextGaussian()));
      }
      iou.add(Double.NaN);
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("mIoU", level);
      values.put("mAcc", level + 0.11);
      values.put("pAcc", level + 0.22);
      scores.add(new Scores(values, Map.of("IoU", iou), confusion(CLASSES.size())));
    }
    return new Evaluation(
        new EvalSpec(
            "rig",
            PartSpec.of("shapes"),
            "",
            "val",
            200,
            List.of(),
            EvalSpec.Scoring.WARPED,
            List.of(1.0),
            false,
            List.of(),
            Inference.OVERLAP,
            List.of(),
            0,
            0,
            0,
            "",
            false,
            false,
            List.of(PartSpec.of("iou")),
            2,
            Execution.EAGER,
            Precision.FP32,
            "auto"),
        new NetworkSpec(
            new PartSpec("resnet18", Map.of("width", 16, "output_stride", 8)),
            PartSpec.of("fcn"),
            PartSpec.of(tanh ? "mul-tanh" : "mul-sigmoid"),
            PartSpec.of(iterations == 1 ? "feed-forward" : "parallel"),
            iterations == 1 ? List.of() : List.of(4, 5, 6),
            iterations,
            CLASSES.size(),
            NetworkSpec.BatchNormPolicy.PER_ITERATION,
            7),
        List.of(
            part("backbone", "resnet18", "org.riglab.backbones", "a"),
            part("gate", tanh ? "mul-tanh" : "mul-sigmoid", "org.riglab.gates", "b"),
            part("unroll", "parallel", "org.riglab.unrolls", "c")),
        "9f".repeat(32),
        CLASSES,
        200,
        scores,
        41.7,
        new Cost(List.of(), List.of(), Double.NaN, List.of()),
        List.of());
  }

  private static PartInfo part(String kind, String name, String bundle, String digit) {
    return new PartInfo(kind, name, "", List.of(), bundle, "0.1.0", (digit + "5").repeat(32), 12);
  }
}
