package org.riglab.training.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.TrainSpec.Data;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;
import org.riglab.networks.data.LeasedImages;
import org.riglab.networks.data.ResizedSplit;
import org.riglab.parts.PartSpecs;

/** The splits of a run, through a leased data set. */
final class TrainingData implements Images, AutoCloseable {
  private final Data spec;
  private final LeasedImages open;
  private final String trainName;
  private final String valName;
  private final Split train;
  private final Split val;
  private Map<String, Object> identity;

  /**
   * @param access to the parts
   * @param spec what to open
   * @throws RigException if there is no such data set, directory or split
   */
  TrainingData(PartAccess access, Data spec) {
    this.spec = spec;
    open = LeasedImages.open(access.registry(), spec.dataset(), spec.data(), access.user());
    boolean complete = false;
    try {
      List<String> splits = open.images().splits();
      trainName = spec.trainSplit().isEmpty() ? splits.get(0) : spec.trainSplit();
      valName = validation(splits);
      // Training visits images again and again, in random order, validation after every epoch.
      train = prepared(trainName, CachedSplit.defaultBytes() / 4 * 3);
      val = valName.isEmpty() ? null : prepared(valName, CachedSplit.defaultBytes() / 4);
      if (train.size() == 0) {
        throw new RigException(
            "split %s of data set %s has no images to train on"
                .formatted(trainName, spec.dataset().name()));
      }
      complete = true;
    } finally {
      if (!complete) {
        open.close();
      }
    }
  }

  private String validation(List<String> splits) {
    if (spec.valSplit().isEmpty()) {
      return splits.size() < 2 ? "" : splits.get(1);
    }
    return spec.valSplit().equals(Plans.NO_SPLIT) ? "" : spec.valSplit();
  }

  private Split prepared(String name, long bytes) {
    return new CachedSplit(ResizedSplit.of(open.images().split(name), spec.resize()), bytes);
  }

  /** The part that reads the data. */
  PartInfo part() {
    return open.part();
  }

  Split train() {
    return train;
  }

  /** Whether there is a split to validate on. */
  boolean validates() {
    return val != null;
  }

  /** The split to validate on; null without one. */
  Split val() {
    return val;
  }

  String valName() {
    return valName;
  }

  @Override
  public ClassTable classes() {
    return open.images().classes();
  }

  /** The splits in use. */
  @Override
  public List<String> splits() {
    return valName.isEmpty() || valName.equals(trainName)
        ? List.of(trainName)
        : List.of(trainName, valName);
  }

  @Override
  public Split split(String name) {
    return name.equals(trainName) ? train : val;
  }

  /** See {@link LeasedImages#requireClasses}. */
  void requireClasses(String network, int classes) {
    open.requireClasses(network, classes);
  }

  /**
   * @return what tells these data from others, as JSON would give it
   */
  Map<String, Object> identity() {
    if (identity == null) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("dataset", PartSpecs.write(spec.dataset()));
      json.put("classes", classes().entries().stream().map(ClassTable.Entry::name).toList());
      json.put("train", identity(trainName, train));
      if (val != null) {
        json.put("val", identity(valName, val));
      }
      identity = json;
    }
    return identity;
  }

  private static Map<String, Object> identity(String name, Split split) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("split", name);
    json.put("images", (long) split.size());
    json.put("fingerprint", split.fingerprint());
    return json;
  }

  /**
   * @param before what {@link #identity} was
   * @throws RigException if these are other data
   */
  void requireSame(Map<String, Object> before) {
    if (!identity().equals(before)) {
      throw new RigException(
          Kind.CONFLICT,
          "the new provider of data set %s reads different data".formatted(spec.dataset().name()));
    }
  }

  /**
   * @return whether the part is about to go, or gone
   */
  boolean stale() {
    return open.stale();
  }

  @Override
  public void close() {
    open.close();
  }
}
