package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Labels many images with one network. Writes {@code labels/NAME.png} for each image, {@code
 * scores.csv} with a row per image and, if there are any, {@code failed.csv} with a row per image
 * that could not be labelled. All files are written atomically. A job that was ended before it was
 * complete is continued by the same job: images that are finished are not computed again, also by
 * another engine. Thread safe.
 */
@ProviderType
public interface BulkPredictor {
  /**
   * @return name of the engine, for example {@code libtorch} or {@code spark}
   */
  String engine();

  /**
   * Labels the images. Everything that can be checked is checked before anything is written.
   *
   * @param job what to do
   * @param watcher receives the progress
   * @return what was done; images that failed do not end the job
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such network or input, INVALID if
   *     the engine does not support the job, CONFLICT if the output holds label maps of another
   *     network or of other options, BUSY if another process writes to it, UNAVAILABLE if the
   *     engine is not installed or does not answer, NO_SPACE if the disk is full
   * @throws InterruptedException if the thread is interrupted; the engine has stopped then
   */
  Outcome predict(Job job, Watcher watcher) throws InterruptedException;

  /**
   * What to do.
   *
   * @param network its name
   * @param input directory with images, or Parquet file or directory of Parquet files where the
   *     engine reads these
   * @param output directory of the results
   * @param inference settings of inference
   * @param upright whether images are turned as their EXIF orientation says
   * @param master URL of the cluster; empty for an engine without one
   * @param settings of the cluster, {@code KEY=VALUE} each
   */
  record Job(
      String network,
      Path input,
      Path output,
      Inference inference,
      boolean upright,
      String master,
      List<String> settings) {
    /**
     * Copies the list.
     *
     * @param network see {@link #network()}
     * @param input see {@link #input()}
     * @param output see {@link #output()}
     * @param inference see {@link #inference()}
     * @param upright see {@link #upright()}
     * @param master see {@link #master()}
     * @param settings see {@link #settings()}
     */
    public Job {
      settings = List.copyOf(settings);
    }
  }

  /**
   * What was done.
   *
   * @param images how many were labelled
   * @param earlier how many had been labelled before
   * @param failed how many could not be labelled
   * @param seconds between the first and the last image; 0 if there was none
   */
  record Outcome(long images, long earlier, long failed, double seconds) {}

  /** Receives the progress of a job. Called by one thread at a time. */
  @ConsumerType
  interface Watcher {
    /**
     * @param done images that are finished, those of earlier jobs included
     * @param total images of the input
     */
    void progress(long done, long total);

    /**
     * @param image name of an image that could not be labelled
     * @param reason why, on one line
     */
    void failed(String image, String reason);

    /**
     * @param line a message for the user
     */
    void message(String line);
  }
}
