package org.riglab.training.internal;

import java.util.concurrent.CancellationException;
import org.riglab.api.bench.Observer;

/**
 * Watches an evaluation and ends it with {@link CancellationException}, as an interrupt does, when
 * the run is to stop.
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
    if (done < total && observer.stop()) {
      throw new CancellationException("stopped");
    }
  }

  @Override
  public boolean stop() {
    return observer.stop();
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
