package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.riglab.api.RigException;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
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
 * each image {@code pictures/INDEX/picture.json} and a PNG per layer. Others are computed from the
 * run's own weights: its last checkpoint, or for an evaluation the weights that it evaluated.
 */
@Component(service = Pictures.class)
public final class Pictures implements Gallery {
  /** What {@code val_split} of a training without validation is. */
  private static final String NO_SPLIT = "none";

  private static final String FOLDER = "pictures";
  private static final String STEPS = "steps";
  private static final String INDEX = "index.json";
  private static final int MOST_IMAGES = 1000;

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
    Listing listing =
        kept.isEmpty()
            ? with(run, (split, classes) -> listing(run, split, classes, List.of()))
            : PictureFiles.listing(kept);
    StepPictures steps = steps(run);
    return new Listing(
        listing.network(),
        listing.images(),
        listing.kept(),
        listing.classes(),
        weights(run).isPresent(),
        steps.steps(),
        steps.images());
  }

  private static Listing listing(Run run, Split split, ClassTable classes, List<Integer> kept) {
    return new Listing(
        run.network(),
        IntStream.range(0, Math.min(split.size(), MOST_IMAGES)).mapToObj(split::id).toList(),
        kept,
        classes,
        false,
        List.of(),
        List.of());
  }

  /** The file with the weights that a run resulted in so far, or that it evaluated. */
  private Optional<Path> weights(Run run) {
    if (run.folder().isEmpty()) {
      return Optional.empty();
    }
    RunFolder folder = new RunFolder(networks.home(), run.folder());
    return run.kind() == Run.Kind.EVAL
        ? Optional.of(folder.initial()).filter(Files::exists)
        : folder.checkpoint();
  }

  /** Predictions that a training made while it ran. */
  StepPictures steps(Run run) {
    return new StepPictures(folder(run).resolve(STEPS));
  }

  @Override
  public Picture picture(Run run, int index) {
    return picture(run, index, folder -> make(run, index, folder));
  }

  /**
   * The stored picture, or one that is made in a temporary folder.
   *
   * @param maker is given the folder
   */
  Picture picture(Run run, int index, Consumer<Path> maker) {
    Path folder = folder(run).resolve(Integer.toString(index));
    if (Files.isRegularFile(folder.resolve(PictureFiles.ABOUT))) {
      RunFolder.within(folder(run).getParent(), folder.resolve(PictureFiles.ABOUT));
      return PictureFiles.read(folder, true);
    }
    Path temporary = null;
    try {
      Files.createDirectories(networks.home().resolve("cache"));
      temporary = Files.createTempDirectory(networks.home().resolve("cache"), FOLDER);
      maker.accept(temporary);
      return PictureFiles.read(temporary, false);
    } catch (IOException e) {
      throw FileFailures.writing(networks.home().resolve("cache"), e);
    } finally {
      PictureFiles.delete(temporary);
    }
  }

  /** Computes a picture with the run's own weights. */
  void make(Run run, int index, Path into) {
    with(
        run,
        (split, classes) -> {
          if (index < 0 || index >= split.size()) {
            throw new RigException(
                RigException.Kind.NOT_FOUND,
                "there is no image %d; the split has %d".formatted(index, split.size()));
          }
          try (Predictions.Opened network = open(run)) {
            make(network, split.sample(index), classes, into);
          }
          return into;
        });
  }

  @Override
  public void overlay(String network, Path image, Path png) {
    Report artist = artist();
    RgbImage pixels = artist.read(image);
    Prediction prediction = predictions.predict(network, pixels, List.of());
    artist.overlay(png, pixels, prediction.answer(), networks.get(network).classes());
  }

  @Override
  public Picture picture(Run run, int index, long step) {
    StepPictures steps = steps(run);
    if (!steps.steps().contains(step) || !steps.images().contains(index)) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "run %d has no picture of image %d after step %d".formatted(run.id(), index, step));
    }
    return steps.read(step, index);
  }

  private Predictions.Opened open(Run run) {
    Path file =
        weights(run)
            .orElseThrow(
                () ->
                    new RigException(
                        RigException.Kind.NOT_FOUND,
                        "run %d has no checkpoint to make pictures from".formatted(run.id())));
    return predictions.open(file);
  }

  /** Indices of so many images, spread evenly over a split. */
  static List<Integer> spread(int count, int size) {
    return IntStream.range(0, Math.min(count, size))
        .map(i -> (int) ((long) i * size / Math.min(count, size)))
        .filter(i -> i < MOST_IMAGES)
        .boxed()
        .toList();
  }

  /** Keeps what a training predicted at an evaluation. */
  void keep(Run run, long step, List<Observer.Predicted> predicted, ClassTable classes) {
    Report artist = report;
    if (!predicted.isEmpty() && artist != null) {
      with(
          run,
          (split, own) -> {
            steps(run).add(step, predicted, split::sample, classes, artist);
            return run;
          });
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
    if (count < 1 || report == null || split(run).equals(NO_SPLIT)) {
      return;
    }
    Path folder = folder(run);
    Path part = folder.resolveSibling("." + FOLDER + ".part");
    PictureFiles.delete(part);
    try (Predictions.Opened network = open(run)) {
      boolean whole =
          with(
              run,
              (split, classes) -> {
                int size = split.size();
                List<Integer> indices = spread(count, size);
                for (int index : indices) {
                  if (stop.getAsBoolean()) {
                    return false;
                  }
                  make(network, split.sample(index), classes, part.resolve("" + index));
                }
                Json.write(
                    part.resolve(INDEX), PictureFiles.json(listing(run, split, classes, indices)));
                return true;
              });
      if (whole) {
        Path steps = folder.resolve(STEPS);
        if (Files.exists(steps)) {
          Files.move(steps, part.resolve(STEPS), StandardCopyOption.ATOMIC_MOVE);
        }
        PictureFiles.delete(folder);
        Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    } finally {
      PictureFiles.delete(part);
    }
  }

  private Report artist() {
    Report artist = report;
    if (artist == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE, "there is no report service to draw pictures");
    }
    return artist;
  }

  private void make(Predictions.Opened network, Sample sample, ClassTable classes, Path folder) {
    Report artist = artist();
    RgbImage image = new RgbImage(sample.height(), sample.width(), sample.image());
    Prediction prediction = network.predict(image, List.of("gate.*"), Inference.PLAIN);
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
    about.put("accuracy", PictureFiles.accuracies(sample.label(), prediction.labels()));
    about.put("layers", layers.stream().map(Report.Layer::name).toList());
    Map<String, Object> maps = new LinkedHashMap<>();
    for (Report.Layer layer : layers) {
      if (PictureFiles.GATE.matcher(layer.name()).matches()) {
        maps.put(layer.name(), List.of(layer.low(), layer.high()));
      }
    }
    about.put("gates", maps);
    Json.write(folder.resolve(PictureFiles.ABOUT), about);
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
      String asked = split(run);
      if (asked.equals(NO_SPLIT)) {
        throw new RigException(
            RigException.Kind.NOT_FOUND,
            "run %d has no pictures: it was trained without a validation split"
                .formatted(run.id()));
      }
      String split =
          asked.isEmpty() ? images.splits().get(Math.min(1, images.splits().size() - 1)) : asked;
      return look.at(images.split(split), images.classes());
    }
  }

  /** As the spec has it; empty for the usual one. */
  private static String split(Run run) {
    boolean eval = run.kind() == Run.Kind.EVAL;
    Object asked = run.spec().getOrDefault(eval ? "split" : "val_split", "");
    return asked instanceof String name ? name : "";
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
    throw new RigException(RigException.Kind.CONFLICT, "the run has not reported its data yet");
  }
}
