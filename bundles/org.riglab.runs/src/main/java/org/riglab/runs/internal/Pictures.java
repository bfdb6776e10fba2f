package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Run;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;

/**
 * Pictures of runs. Those that a run keeps lie in its folder: {@code pictures/index.json}, and for
 * each image {@code pictures/INDEX/picture.json} and a PNG per layer.
 */
@Component(service = {Gallery.class, Pictures.class})
public final class Pictures implements Gallery {
  private static final String FOLDER = "pictures";
  private static final String INDEX = "index.json";
  private static final String ABOUT = "picture.json";
  private static final String PNG = ".png";
  private static final int MOST_IMAGES = 1000;
  private static final Pattern GATE = Pattern.compile("gate\\.(\\d+)\\.t(\\d+)");

  private final Networks networks;
  private final Predictions predictions;
  private final Registry registry;

  /** Comes after the lab, and is not there where nothing is drawn. */
  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  volatile Report report;

  /**
   * @param networks knows the home
   * @param predictions predicts the pictures
   * @param registry the data sets
   */
  @Activate
  public Pictures(
      @Reference Networks networks,
      @Reference Predictions predictions,
      @Reference Registry registry) {
    this.networks = networks;
    this.predictions = predictions;
    this.registry = registry;
  }

  private interface Look<T> {
    T at(Split split, ClassTable classes);
  }

  private Path folder(Run run) {
    return run.folder().isEmpty()
        ? networks.home().resolve(FOLDER).resolve("none")
        : new RunFolder(networks.home(), run.folder()).path().resolve(FOLDER);
  }

  @Override
  public Listing list(Run run) {
    Map<String, Object> kept =
        Json.readIfExists(RunFolder.within(folder(run), folder(run).resolve(INDEX)))
            .orElse(Map.of());
    if (!kept.isEmpty()) {
      return listing(kept);
    }
    return with(run, (split, classes) -> listing(run, split, classes, List.of()));
  }

  private static Listing listing(Run run, Split split, ClassTable classes, List<Integer> kept) {
    return new Listing(
        run.network(),
        IntStream.range(0, Math.min(split.size(), MOST_IMAGES)).mapToObj(split::id).toList(),
        kept,
        classes);
  }

  @Override
  public Picture picture(Run run, int index) {
    Path folder = folder(run).resolve(Integer.toString(index));
    if (Files.isRegularFile(folder.resolve(ABOUT))) {
      RunFolder.within(folder(run).getParent(), folder.resolve(ABOUT));
      return read(folder, true);
    }
    Path temporary = null;
    try {
      Files.createDirectories(networks.home().resolve("cache"));
      temporary = Files.createTempDirectory(networks.home().resolve("cache"), FOLDER);
      Path made = temporary;
      with(
          run,
          (split, classes) -> {
            if (index < 0 || index >= split.size()) {
              throw new RigException(
                  RigException.Kind.NOT_FOUND,
                  "there is no image %d; the split has %d".formatted(index, split.size()));
            }
            make(run, split.sample(index), classes, made);
            return made;
          });
      return read(temporary, false);
    } catch (IOException e) {
      throw FileFailures.writing(networks.home().resolve("cache"), e);
    } finally {
      delete(temporary);
    }
  }

  /** Whether a run keeps pictures already. */
  boolean has(Run run) {
    return Files.exists(folder(run).resolve(INDEX));
  }

  /**
   * Makes the pictures that a run keeps, in place of those that it has; all of them or none.
   *
   * @param run that is done
   * @param count of images, spread evenly over the split
   * @param stop asked before each
   */
  void keep(Run run, int count, BooleanSupplier stop) {
    if (count < 1 || report == null) {
      return;
    }
    Path folder = folder(run);
    Path part = folder.resolveSibling("." + FOLDER + ".part");
    delete(part);
    try {
      boolean whole =
          with(
              run,
              (split, classes) -> {
                int size = split.size();
                List<Integer> indices =
                    IntStream.range(0, Math.min(count, size))
                        .map(i -> (int) ((long) i * size / Math.min(count, size)))
                        .filter(i -> i < MOST_IMAGES)
                        .boxed()
                        .toList();
                for (int index : indices) {
                  if (stop.getAsBoolean()) {
                    return false;
                  }
                  make(run, split.sample(index), classes, part.resolve("" + index));
                }
                write(part.resolve(INDEX), json(listing(run, split, classes, indices)));
                return true;
              });
      if (whole) {
        delete(folder);
        Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    } finally {
      delete(part);
    }
  }

  private void make(Run run, Sample sample, ClassTable classes, Path folder) {
    Report artist = report;
    if (artist == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE, "there is no report service to draw pictures");
    }
    RgbImage image = new RgbImage(sample.height(), sample.width(), sample.image());
    Prediction prediction = predictions.predict(run.network(), image, List.of("gate.*"));
    List<Report.Layer> layers =
        artist.layers(
            folder,
            new Report.Row(
                sample.id(),
                image,
                Optional.of(sample.label()),
                prediction.labels(),
                prediction.maps()),
            classes);
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("image", sample.id());
    about.put("height", sample.height());
    about.put("width", sample.width());
    about.put("accuracy", accuracies(sample, prediction));
    about.put("layers", layers.stream().map(Report.Layer::name).toList());
    Map<String, Object> maps = new LinkedHashMap<>();
    for (Report.Layer layer : layers) {
      if (GATE.matcher(layer.name()).matches()) {
        maps.put(layer.name(), List.of(layer.low(), layer.high()));
      }
    }
    about.put("gates", maps);
    write(folder.resolve(ABOUT), about);
  }

  /** Share of the pixels that count, per iteration; NaN where none counts. */
  private static List<Double> accuracies(Sample sample, Prediction prediction) {
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

  // Files

  private static Map<String, Object> json(Listing listing) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("network", listing.network());
    json.put("images", listing.images());
    json.put("kept", listing.kept());
    json.put("classes", listing.classes().entries());
    return json;
  }

  private static Listing listing(Map<String, Object> json) {
    List<String> images = new ArrayList<>();
    list(json.get("images")).forEach(image -> images.add(String.valueOf(image)));
    List<Integer> kept = new ArrayList<>();
    list(json.get("kept")).forEach(index -> kept.add(((Number) index).intValue()));
    List<ClassTable.Entry> classes = new ArrayList<>();
    for (Object entry : list(json.get("classes"))) {
      Map<?, ?> e = (Map<?, ?>) entry;
      classes.add(
          new ClassTable.Entry(String.valueOf(e.get("name")), ((Number) e.get("rgb")).intValue()));
    }
    return new Listing(String.valueOf(json.get("network")), images, kept, new ClassTable(classes));
  }

  private static List<?> list(Object json) {
    return json instanceof List<?> list ? list : List.of();
  }

  private static Picture read(Path folder, boolean kept) {
    Map<String, Object> about = about(folder.resolve(ABOUT));
    List<Double> accuracy = new ArrayList<>();
    list(about.get("accuracy")).forEach(share -> accuracy.add(number(share)));
    List<GateMap> gates = new ArrayList<>();
    ((Map<?, ?>) about.get("gates"))
        .forEach(
            (name, range) -> {
              Matcher matcher = GATE.matcher(String.valueOf(name));
              if (matcher.matches()) {
                gates.add(
                    new GateMap(
                        matcher.group(),
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        number(list(range).get(0)),
                        number(list(range).get(1))));
              }
            });
    Map<String, byte[]> layers = new LinkedHashMap<>();
    try {
      for (Object layer : list(about.get("layers"))) {
        layers.put(
            String.valueOf(layer),
            Files.readAllBytes(RunFolder.within(folder, folder.resolve(layer + PNG))));
      }
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
    return new Picture(
        String.valueOf(about.get("image")),
        ((Number) about.get("height")).intValue(),
        ((Number) about.get("width")).intValue(),
        kept,
        accuracy,
        gates,
        layers);
  }

  private static Map<String, Object> about(Path file) {
    try {
      return Json.parse(JsonColumns.defined(Files.readString(file)), file.toString());
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /** Null is NaN. */
  private static double number(Object json) {
    return json instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static void write(Path file, Map<String, Object> json) {
    Json.write(file, json);
  }

  private static void delete(Path folder) {
    if (folder == null || !Files.exists(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    }
  }

  // Data

  private <T> T with(Run run, Look<T> look) {
    PartSpec dataset = dataset(run.spec().get("dataset"));
    String data = String.valueOf(run.spec().getOrDefault("data", ""));
    try (Lease<Dataset> lease =
        registry.lease(Dataset.class, dataset.name(), "pictures of run " + run.id())) {
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
    throw new RigException(
        RigException.Kind.CONFLICT, "the run has not said yet what data it uses");
  }
}
