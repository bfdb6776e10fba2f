package org.riglab.heads.internal;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;

/**
 * FCN-16s and FCN-8s (Long et al., CVPR 2015, section 4.2) for any backbone with features of these
 * strides: of several with one stride, the deepest is taken.
 */
public abstract class SkipFcn implements Head {
  private final String name;

  /** Of the features that are scored beside the last one, ascending. */
  private final List<Integer> strides;

  private SkipFcn(String name, Integer... strides) {
    this.name = name;
    this.strides = List.of(strides);
  }

  @Override
  public List<Integer> skips(HeadShape shape, Options options) {
    List<Integer> offered = shape.stages().stream().map(Stage::stride).toList();
    if (shape.last().stride() <= strides.get(strides.size() - 1) || !offered.containsAll(strides)) {
      throw new RigException(
          "head %s adds scores of features of stride %s to those of coarser ones, but the backbone's strides are %s"
              .formatted(name, words(strides, " and "), words(offered, ", ")));
    }
    return List.copyOf(
        new TreeSet<>(strides.stream().map(stride -> offered.lastIndexOf(stride) + 1).toList()));
  }

  private static String words(List<Integer> numbers, String separator) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(separator));
  }

  @Override
  public Stage stage(HeadShape shape, Options options) {
    List<Stage> kept =
        skips(shape, options).stream().map(block -> shape.stages().get(block - 1)).toList();
    int in = shape.last().outputChannels();
    return new Stage(
        "classifier",
        "", // the block itself names its parameters
        new SkipScores(in, kept, shape.classes()),
        in,
        shape.classes(),
        kept.get(0).stride());
  }

  /** FCN-16s: scores of the stride 16 features are added to the enlarged coarse ones. */
  @Component(service = Head.class)
  @Part(name = "fcn16s", about = "FCN-16s: adds the scores of the features of stride 16")
  public static final class Fcn16s extends SkipFcn {
    /** For declarative services. */
    public Fcn16s() {
      super("fcn16s", 16);
    }
  }

  /** FCN-8s: as FCN-16s, then the scores of the stride 8 features. */
  @Component(service = Head.class)
  @Part(name = "fcn8s", about = "FCN-8s: adds the scores of the features of strides 16 and 8")
  public static final class Fcn8s extends SkipFcn {
    /** For declarative services. */
    public Fcn8s() {
      super("fcn8s", 8, 16);
    }
  }
}
