package org.riglab.networks.bulk;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.riglab.api.RigException;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.networks.engine.DeviceMemory;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.Certainty;
import org.riglab.networks.inference.ImageLabels;
import org.riglab.networks.inference.Model;

/** Labels the images of a job, one after the other, and writes their label maps. */
public final class BulkLabeller {
  private final BulkSettings settings;
  private final Device device;
  private final Model model;
  private final Report report;
  private final BulkFolder folder;
  private final ImageLabels labels;

  /**
   * @param settings of the job
   * @param device where the network is
   * @param model the network
   * @param report writes label maps
   * @param folder of the job
   */
  public BulkLabeller(
      BulkSettings settings, Device device, Model model, Report report, BulkFolder folder) {
    this.settings = settings;
    this.device = device;
    this.model = model;
    this.report = report;
    this.folder = folder;
    this.labels =
        new ImageLabels(settings.inference(), settings.resize(), settings.normalization());
  }

  /**
   * What became of an image: one of the two.
   *
   * @param scored its label map is written
   * @param failure why there is none, on one line
   */
  public record Result(Optional<Scored> scored, Optional<String> failure) {}

  /**
   * @param name of the image
   * @param image reads it
   * @return what became of it
   * @throws RigException if its label map cannot be written, or the network or the engine is not
   *     available: not a matter of this image
   */
  public Result label(String name, Supplier<RgbImage> image) {
    Certainty certainty = new Certainty(model);
    RgbImage pixels;
    List<byte[]> maps;
    try {
      folder.labelMap(name);
      pixels = image.get();
      maps = maps(certainty, pixels);
    } catch (RigException e) {
      if (!ofImage(e.kind())) {
        throw e;
      }
      return failed(e.getMessage());
    } catch (EngineException e) {
      return failed(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
    byte[] answer = maps.get(maps.size() - 1);
    report.labelMap(
        folder.labelMap(name), answer, pixels.height(), pixels.width(), settings.classes());
    return new Result(
        Optional.of(
            new Scored(
                name,
                pixels.height(),
                pixels.width(),
                maps.size(),
                certainty.confidence(),
                certainty.entropy(),
                counts(answer))),
        Optional.empty());
  }

  private static Result failed(String reason) {
    return new Result(Optional.empty(), Optional.of(reason));
  }

  private static boolean ofImage(RigException.Kind kind) {
    return switch (kind) {
      case INVALID, NOT_FOUND, OUT_OF_MEMORY, PART_FAILED, IO -> true;
      case CONFLICT, BUSY, DENIED, NO_SPACE, UNAVAILABLE -> false;
    };
  }

  private List<byte[]> maps(Model watched, RgbImage image) {
    return DeviceMemory.guarded(
        device,
        DeviceMemory.PREDICTION,
        () ->
            Torch.withoutGrad(
                () -> {
                  try (NDManager manager = Torch.newManager(device)) {
                    int classes = settings.classes().size();
                    return labels.of(watched, classes, settings.iterations(), image, manager);
                  }
                }));
  }

  private List<Long> counts(byte[] map) {
    long[] counts = new long[settings.classes().size()];
    for (byte label : map) {
      counts[Byte.toUnsignedInt(label)]++;
    }
    List<Long> list = new ArrayList<>();
    for (long count : counts) {
      list.add(count);
    }
    return Collections.unmodifiableList(list);
  }
}
