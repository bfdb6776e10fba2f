package org.riglab.networks;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.bench.Cost;
import org.riglab.api.bench.ImageScore;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.Split;
import org.riglab.api.metric.Scores;
import org.riglab.networks.data.Normalization;

/**
 * Scores live networks. The evaluator provides it; a training uses it to validate, so that neither
 * depends on the other. Thread safe.
 */
@ProviderType
public interface Scorers {
  /**
   * Leases metrics.
   *
   * @param metrics and their options
   * @param classes labels 0 to classes-1 count
   * @param inference how images are run through the network; without input scales, at the image's
   *     own size only
   * @param user who asks
   * @return close it
   * @throws org.riglab.api.RigException if there is no such metric, or an option is wrong
   */
  Scorer scorer(List<PartSpec> metrics, int classes, Inference inference, String user);

  /** Metrics that are leased. Not thread safe. */
  @ProviderType
  interface Scorer extends AutoCloseable {
    /**
     * @return the metrics in use
     */
    List<PartInfo> parts();

    /**
     * Scores a network on images of any size, one by one or, where neighbours have one size,
     * several at a time. Predictions have the size of their label.
     *
     * @param session the network
     * @param split where from
     * @param imageSize size (H, W) that images are brought to while labels stay; empty to leave
     *     them
     * @param limit the first so many images only; 0 for all
     * @param normalization of the pixels
     * @param observer counts images
     * @param between is run between batches, when nothing of the network is in use
     * @return the scores
     * @throws org.riglab.api.RigException if an image cannot be read, a part misbehaves or logits
     *     are not finite
     */
    Result score(
        Session session,
        Split split,
        List<Integer> imageSize,
        int limit,
        Normalization normalization,
        Observer observer,
        Runnable between);

    @Override
    void close();
  }

  /**
   * What a network scored.
   *
   * @param iterations scores per prediction, in the order of iterations
   * @param images how many
   * @param imagesPerSecond over all images
   * @param cost of the predictions
   * @param perImage counts of every image; empty unless asked for
   */
  record Result(
      List<Scores> iterations,
      int images,
      double imagesPerSecond,
      Cost cost,
      List<ImageScore> perImage) {}
}
