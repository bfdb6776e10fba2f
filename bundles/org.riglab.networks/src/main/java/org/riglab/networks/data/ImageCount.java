package org.riglab.networks.data;

import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.base.Interrupts;

/** Progress of work that reads the images of a data set one by one. */
final class ImageCount {
  private ImageCount() {}

  /**
   * Reports an image, and ends the work if it is to stop.
   *
   * @param observer of the work
   * @param work what is done, for the message
   * @param done images so far
   * @param total images of the work
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   * @throws RigException if the observer stops the work
   */
  static void add(Observer observer, String work, int done, int total) {
    observer.image(done, total);
    Interrupts.check();
    if (observer.stop()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "%s stopped after %d of %d images".formatted(work, done, total));
    }
  }
}
