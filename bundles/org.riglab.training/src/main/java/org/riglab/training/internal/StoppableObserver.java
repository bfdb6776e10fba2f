package org.riglab.training.internal;

import org.riglab.api.bench.Observer;

/**
 * Watches an evaluation that can be stopped between two images.
 *
 * @param observer of the run
 */
record StoppableObserver(Observer observer) implements Observer {
  @Override
  public void message(String line) {
    observer.message(line);
  }

  @Override
  public void image(int done, int total) {
    observer.image(done, total);
    if (done < total && (observer.stop() || Thread.currentThread().isInterrupted())) {
      throw new Stopped();
    }
  }

  @Override
  public boolean stop() {
    return observer.stop();
  }

  /** Thrown through an evaluation. */
  static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("stopped", null, false, false);
    }
  }

  @Override
  public boolean wants(int index, int images) {
    return observer.wants(index, images);
  }

  @Override
  public void predicted(Predicted image) {
    observer.predicted(image);
  }
}
