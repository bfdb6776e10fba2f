package org.riglab.datasets.internal;

import java.util.Locale;
import java.util.Objects;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.base.Sha256;

/**
 * Scenes that are painted when they are asked for; a scene depends on these values and its index
 * only.
 *
 * @param height H in pixels
 * @param width W in pixels
 * @param classes background included
 * @param difficulty see {@link Difficulty#of}
 * @param seed of the data set
 * @param split 0 for the first
 * @param size number of scenes
 */
record ShapesSplit(
    int height, int width, int classes, int difficulty, long seed, int split, int size)
    implements Split {
  /** Counts up whenever the painter paints differently. */
  private static final int EDITION = 1;

  @Override
  public String id(int index) {
    // Scenes of other splits are other scenes
    return String.format(
        Locale.ROOT, "%s-%06d", ShapesDataset.SPLITS.get(split), Objects.checkIndex(index, size));
  }

  @Override
  public Sample sample(int index) {
    String id = id(index);
    ShapesScene scene = scene(index);
    return new Sample(id, height, width, scene.image(), scene.label());
  }

  private ShapesScene scene(int index) {
    ShapesScene scene =
        new ShapesScene(
            height,
            width,
            classes,
            Difficulty.of(difficulty),
            new RandomStream(seed, split, index));
    scene.paint();
    return scene;
  }

  /** The heads of bodies. */
  @Override
  public byte[] parts(int index) {
    Objects.checkIndex(index, size);
    return scene(index).heads();
  }

  @Override
  public String fingerprint() {
    String all = "shapes " + EDITION + ": " + this;
    return Sha256.of(all);
  }
}
