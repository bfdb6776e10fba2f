package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.networks.engine.Labels;
import org.riglab.networks.engine.PassMemory;
import org.riglab.nn.Functional;

/**
 * Labels images as an {@link Inference} says; the network's own input scales are the {@link
 * Model}'s business. With windows at the size of the answer, the sums of probabilities of one row
 * of windows are held; otherwise a sum per iteration at the size of the answer, besides the maps of
 * one window or scale.
 */
public final class Segmenter {
  private static final double LARGEST_SCALE = 16;

  private final Inference inference;

  /**
   * @param inference how
   * @throws RigException if it makes no sense
   */
  public Segmenter(Inference inference) {
    if (inference.scales().isEmpty()
        || !inference.scales().stream().allMatch(s -> s > 0 && s <= LARGEST_SCALE)) {
      throw wrong(
          "scales",
          inference.scales(),
          "one number or more, each above 0 and at most %.0f".formatted(LARGEST_SCALE));
    }
    if (!inference.window().isEmpty()
        && (inference.window().size() != 2 || inference.window().stream().anyMatch(s -> s < 1))) {
      throw wrong("window", inference.window(), "HxW in pixels");
    }
    if (!(inference.overlap() >= 0 && inference.overlap() < 1)) {
      throw wrong("overlap", inference.overlap(), "0 or more and below 1");
    }
    this.inference = inference;
  }

  private static RigException wrong(String option, Object value, String right) {
    return new RigException("option '%s' is %s; it must be %s".formatted(option, value, right));
  }

  /**
   * @param height of an image
   * @param width of an image
   * @return whether it goes through the network once
   */
  public boolean once(int height, int width) {
    return inference.scales().size() == 1
        && !inference.flip()
        && windows(scaled(height, width, inference.scales().get(0))).whole();
  }

  /**
   * @param spec of the network
   * @param images in the batch
   * @param input (H, W) of the images
   * @param answer (H, W) of the answer
   * @return the need of labelling the batch
   */
  public PassMemory need(NetworkSpec spec, int images, Shape input, Shape answer) {
    return need(spec.classes(), spec.iterations(), images, input, answer);
  }

  /**
   * @param classes of the network
   * @param iterations of the network
   * @param images in the batch
   * @param input (H, W) of the images
   * @param answer (H, W) of the answer
   * @return the need of labelling the batch
   */
  PassMemory need(int classes, int iterations, int images, Shape input, Shape answer) {
    boolean reduced = answer.size() > input.size();
    Shape held = reduced && inference.scales().size() == 1 ? input : answer;
    if (once((int) input.get(0), (int) input.get(1))) {
      return new PassMemory(images, classes, held.get(0), held.get(1));
    }
    long maps = images * (iterations + 1L);
    return slides(input, answer)
        ? new PassMemory(maps, classes, windows(input).windowHeight(), answer.get(1))
        : new PassMemory(maps, classes, held.get(0), held.get(1));
  }

  /**
   * @param input (H, W) of an image
   * @param answer (H, W) of the answer
   * @param smaller what makes them smaller
   * @return options that take less memory, as the user would type them
   */
  public String advice(Shape input, Shape answer, String smaller) {
    if (slides(input, answer)) {
      return "a smaller --window, or " + smaller;
    }
    if (!input.equals(answer)) {
      return smaller;
    }
    boolean own = inference.scales().equals(List.of(1.0));
    return (own ? "--window, or " : "--window and --scales 1, or ") + smaller;
  }

  /** Whether windows are labelled row by row: one pass in windows, at the size of the answer. */
  private boolean slides(Shape input, Shape answer) {
    return inference.scales().equals(List.of(1.0))
        && input.equals(answer)
        && !windows(input).whole();
  }

  /**
   * @param model the network; gradients should be off
   * @param picture the image; parts are made as windows need them, where this saves memory
   * @param manager of the labels
   * @param height of the answer
   * @param width of the answer
   * @return as below
   * @throws RigException as below
   */
  public NDList labels(Model model, Picture picture, NDManager manager, int height, int width) {
    Shape size = new Shape(picture.height(), picture.width());
    if (!slides(size, new Shape(height, width))) {
      NDArray whole = picture.crop(manager, 0, 0, picture.height(), picture.width());
      try (whole) {
        return labels(model, whole, height, width);
      }
    }
    Windows windows = windows(size);
    Shape window = new Shape(windows.windowHeight(), windows.windowWidth());
    List<Model> models = inference.flip() ? List.of(model, new Mirrored(model)) : List.of(model);
    try (SlidingLabels sliding = new SlidingLabels(windows, manager)) {
      return sliding.of(picture, models, Segmenter::finite, map -> softmax(map, window));
    }
  }

  /**
   * @param model the network; gradients should be off
   * @param images (N, 3, H, W), normalised; arrays are made on their manager
   * @param height of the answer
   * @param width of the answer
   * @return labels per prediction (N, height, width), uint8
   * @throws RigException if logits are not finite
   */
  public NDList labels(Model model, NDArray images, int height, int width) {
    NDManager manager = images.getManager();
    Shape shape = images.getShape();
    Shape answer = new Shape(height, width);
    Shape size = new Shape(shape.get(2), shape.get(3));
    if (slides(size, answer)) {
      return labels(model, new Stored(images), manager, height, width);
    }
    NDList labels = new NDList();
    if (once((int) shape.get(2), (int) shape.get(3))) {
      try (NDManager pass = manager.newSubManager()) {
        NDArray input = input(pass, images, inference.scales().get(0));
        for (NDArray logits : finite(model, input)) {
          labels.add(best(manager, logits, answer));
        }
      }
      return labels;
    }
    if (inference.scales().size() == 1 && !inference.flip()) {
      try (NDManager pass = manager.newSubManager()) {
        NDArray input = input(pass, images, inference.scales().get(0));
        Shape scaled = input.getShape();
        Windows windows = windows(new Shape(scaled.get(2), scaled.get(3)));
        for (NDArray mean : slide(model, input, windows, pass)) {
          labels.add(best(manager, mean, answer));
        }
      }
      return labels;
    }
    NDList sums = new NDList();
    for (double scale : inference.scales()) {
      try (NDManager pass = manager.newSubManager()) {
        NDArray input = input(pass, images, scale);
        add(model, input, answer, manager, sums);
        if (inference.flip()) {
          add(new Mirrored(model), input, answer, manager, sums);
        }
      }
    }
    for (NDArray sum : sums) {
      labels.add(best(manager, sum, answer));
      sum.close();
    }
    return labels;
  }

  /** An array of the pass's own, so that what the network makes of it ends with the pass. */
  private static NDArray input(NDManager pass, NDArray images, double scale) {
    Shape shape = images.getShape();
    Shape size = scaled((int) shape.get(2), (int) shape.get(3), scale);
    try (NDArray alias = images.get(pass, new NDIndex(":"))) {
      NDArray scaled = Functional.interpolate(alias, size.get(0), size.get(1));
      return scaled == alias ? alias.duplicate() : scaled;
    }
  }

  private static Shape scaled(int height, int width, double scale) {
    return new Shape(
        Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale)));
  }

  private Windows windows(Shape size) {
    return Windows.of(
        (int) size.get(0), (int) size.get(1), inference.window(), inference.overlap());
  }

  /** Adds the probabilities of one pass, at the size of the answer. */
  private void add(Model model, NDArray input, Shape answer, NDManager manager, NDList sums) {
    Shape shape = input.getShape();
    Windows windows = windows(new Shape(shape.get(2), shape.get(3)));
    if (windows.whole()) {
      try (NDManager pass = input.getManager().newSubManager();
          NDArray own = input.duplicate()) {
        own.attach(pass);
        NDList logits = finite(model, own);
        carry(sums, logits.size());
        for (int t = 0; t < Math.max(logits.size(), sums.size()); t++) {
          add(softmax(logits.get(Math.min(t, logits.size() - 1)), answer), t, manager, sums);
        }
      }
      return;
    }
    try (NDManager pass = input.getManager().newSubManager()) {
      NDList means = slide(model, input, windows, pass);
      carry(sums, means.size());
      for (int t = 0; t < Math.max(means.size(), sums.size()); t++) {
        NDArray mean = means.get(Math.min(t, means.size() - 1));
        NDArray resized = Functional.interpolate(mean, answer.get(0), answer.get(1));
        add(resized == mean ? mean.duplicate() : resized, t, manager, sums);
      }
    }
  }

  /** The mean probabilities of all windows, at the size of the input. */
  private static NDList slide(Model model, NDArray input, Windows windows, NDManager pass) {
    Shape size = new Shape(windows.windowHeight(), windows.windowWidth());
    Shape shape = input.getShape();
    NDList sums = new NDList();
    for (NDIndex index : windows.indices()) {
      try (NDManager step = pass.newSubManager()) {
        NDList logits = finite(model, input.get(step, index).duplicate());
        carry(sums, logits.size());
        for (int t = 0; t < Math.max(logits.size(), sums.size()); t++) {
          NDArray map = logits.get(Math.min(t, logits.size() - 1));
          if (sums.size() == t) {
            long classes = map.getShape().get(1);
            sums.add(pass.zeros(new Shape(shape.get(0), classes, shape.get(2), shape.get(3))));
          }
          try (NDArray probabilities = softmax(map, size)) {
            sums.get(t).get(step, index).addi(probabilities); // a view: no copy of the sum
          }
        }
      }
    }
    try (NDArray counts = windows.counts(pass)) {
      sums.forEach(sum -> sum.divi(counts));
    }
    return sums;
  }

  /**
   * Passes before had fewer predictions than the next one: their last ones stand for the others.
   */
  private static void carry(NDList sums, int predictions) {
    while (!sums.isEmpty() && sums.size() < predictions) {
      sums.add(sums.get(sums.size() - 1).duplicate());
    }
  }

  private static NDArray softmax(NDArray logits, Shape size) {
    NDArray resized = Functional.interpolate(logits, size.get(0), size.get(1));
    NDArray probabilities = resized.softmax(1);
    resized.close();
    return probabilities;
  }

  private static void add(NDArray probabilities, int t, NDManager manager, NDList sums) {
    if (sums.size() == t) {
      probabilities.attach(manager);
      sums.add(probabilities);
    } else {
      sums.get(t).addi(probabilities);
      probabilities.close();
    }
  }

  /** The classes of a map at the size of the answer. */
  private static NDArray best(NDManager manager, NDArray map, Shape answer) {
    NDArray labels = Labels.of(map, answer.get(0), answer.get(1));
    labels.attach(manager);
    return labels;
  }

  private static NDList finite(Model model, NDArray input) {
    NDList all = model.logits(input);
    for (int t = 0; t < all.size(); t++) {
      // NaN and infinity are the only numbers whose product with zero is not zero
      try (NDArray zeros = all.get(t).mul(0);
          NDArray sum = zeros.sum()) {
        if (sum.getFloat() != 0) {
          throw new RigException(
              RigException.Kind.PART_FAILED,
              "the logits of prediction %d are not finite: %s"
                  .formatted(t + 1, model.blame(input)));
        }
      }
    }
    return all;
  }

  /** Images whose numbers are there. */
  private record Stored(NDArray images) implements Picture {
    @Override
    public int height() {
      return (int) images.getShape().get(2);
    }

    @Override
    public int width() {
      return (int) images.getShape().get(3);
    }

    @Override
    public NDArray crop(NDManager manager, int top, int left, int rows, int columns) {
      NDIndex part = new NDIndex(":,:,{}:{},{}:{}", top, top + rows, left, left + columns);
      try (NDArray view = images.get(manager, part)) {
        return view.duplicate();
      }
    }
  }

  /** Sees everything mirrored left to right. */
  private record Mirrored(Model model) implements Model {
    @Override
    public NDList logits(NDArray images) {
      NDList mirrored = model.logits(images.flip(3));
      NDList logits = new NDList();
      for (NDArray map : mirrored) {
        logits.add(map.flip(3));
        map.close();
      }
      return logits;
    }

    @Override
    public String blame(NDArray images) {
      return model.blame(images.flip(3));
    }
  }
}
