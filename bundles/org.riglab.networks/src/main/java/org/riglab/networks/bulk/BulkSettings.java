package org.riglab.networks.bulk;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.util.List;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.api.network.ImageSizes;
import org.riglab.base.FileFailures;
import org.riglab.base.Sha256;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Normalization;

/**
 * Everything but the images that determines the results of a job.
 *
 * @param network its name
 * @param digest SHA-256 of its file
 * @param backbone name of its backbone
 * @param sizes of images that the backbone takes
 * @param iterations of a pass
 * @param resize size (H, W) that images are brought to; empty to leave them
 * @param normalization of the pixels
 * @param inputScales of the network's own multi-scale input
 * @param inference settings of inference
 * @param upright whether images are turned as their EXIF orientation says
 * @param classes names and colours
 */
public record BulkSettings(
    String network,
    String digest,
    String backbone,
    ImageSizes sizes,
    int iterations,
    List<Integer> resize,
    Normalization normalization,
    List<Double> inputScales,
    Inference inference,
    boolean upright,
    ClassTable classes) {
  // Not Json of org.riglab.base: the machines of a cluster may have an older Gson
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  /**
   * @param network its name
   * @param sessions knows its file
   * @param session the network, open
   * @param inference settings of inference
   * @param upright whether images are turned
   * @return the settings
   */
  public static BulkSettings of(
      String network, Sessions sessions, Session session, Inference inference, boolean upright) {
    TrainedOn trainedOn = session.trainedOn();
    NetworkSpec spec = session.spec();
    int iterations = inference.stopping().iterations();
    return new BulkSettings(
        network,
        digest(network, sessions),
        spec.backbone().name(),
        session.show(shown -> shown.sizes()),
        iterations == 0 ? spec.iterations() : iterations,
        trainedOn.resize(),
        trainedOn.normalization(),
        inference.inputScales().isEmpty() ? trainedOn.inputs().scales() : inference.inputScales(),
        inference,
        upright,
        trainedOn.classes());
  }

  private static String digest(String network, Sessions sessions) {
    try {
      return Sha256.of(sessions.file(network));
    } catch (IOException e) {
      throw FileFailures.reading(sessions.file(network), e);
    }
  }

  /**
   * @return JSON on one line
   */
  public String text() {
    return GSON.toJson(this);
  }

  /**
   * @param text of {@link #text()}
   * @return the settings
   */
  public static BulkSettings parse(String text) {
    return GSON.fromJson(text, BulkSettings.class);
  }
}
