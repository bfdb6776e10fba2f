package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Observer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the predictions of a few images at each evaluation of a training. */
final class TrainingPictures implements Observer {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingPictures.class);

  private final Observer observer;
  private final Pictures pictures;
  private final Store store;
  private final long run;
  private final int count;
  private final List<Predicted> predicted = new ArrayList<>();

  /**
   * @param observer is told everything else
   * @param store knows the run as it is described once it has started
   * @param count of images, spread evenly over the split
   */
  TrainingPictures(Observer observer, Pictures pictures, Store store, long run, int count) {
    this.observer = observer;
    this.pictures = pictures;
    this.store = store;
    this.run = run;
    this.count = count;
  }

  @Override
  public boolean wants(int index, int images) {
    return Pictures.spread(count, images).contains(index);
  }

  @Override
  public void predicted(Predicted image) {
    if (predicted.stream().anyMatch(p -> p.index() == image.index())) {
      predicted.clear(); // the evaluation before was cut off
    }
    predicted.add(image);
  }

  @Override
  public void evaluated(Evaluation evaluation, long step) {
    observer.evaluated(evaluation, step);
    try {
      pictures.keep(store.run(run), step, predicted, evaluation.classes());
    } catch (RigException e) {
      // The training continues without them.
      LOG.warn("run {} keeps no pictures of step {}", run, step, e);
    } finally {
      predicted.clear();
    }
  }

  @Override
  public void message(String line) {
    observer.message(line);
  }

  @Override
  public void step(Step step) {
    observer.step(step);
  }

  @Override
  public void image(int done, int total) {
    observer.image(done, total);
  }

  @Override
  public boolean stop() {
    return observer.stop();
  }
}
