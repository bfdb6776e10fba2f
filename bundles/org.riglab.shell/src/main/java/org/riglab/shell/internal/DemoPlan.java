package org.riglab.shell.internal;

import java.util.Map;
import java.util.TreeMap;

/**
 * What the demo does, in numbers.
 *
 * @param dataset as in {@link Parts}
 * @param backbone of both networks, as in {@link Parts}
 * @param feedback gated blocks of the recurrent one, as in {@link Specs#feedback}
 * @param iterations u of the recurrent one
 * @param gate of the recurrent one
 * @param otherGate that it is swapped for
 * @param steps that both train
 * @param moreSteps that the recurrent one trains after the swap
 * @param training further options of a training, as in {@link org.riglab.api.bench.Trainer#options}
 * @param evalEvery steps between evaluations on the way
 * @param split that the final numbers come from
 * @param examples pictures per network on the page
 */
record DemoPlan(
    String dataset,
    String backbone,
    String feedback,
    int iterations,
    String gate,
    String otherGate,
    long steps,
    long moreSteps,
    Map<String, String> training,
    long evalEvery,
    String split,
    int examples) {

  private static final String BACKBONE = "resnet:layers=1,1,1,1:width=16:output_stride=8";
  private static final Map<String, String> TRAINING =
      Map.of(
          "optimizer", "adamw",
          "lr", "3e-3",
          "lr_head", "1",
          "weight_decay", "1e-4",
          "batch", "8",
          "scale", "1,1",
          "val_limit", "64");

  /** At most four minutes on two cores. */
  static final DemoPlan FULL =
      new DemoPlan(
          "shapes",
          BACKBONE,
          "6..4",
          2,
          "mul-sigmoid",
          "mul-tanh",
          400,
          100,
          with(TRAINING, "size", "96x96"),
          100,
          "test",
          4);

  /** At most one minute. */
  static final DemoPlan QUICK =
      new DemoPlan(
          "shapes:size=64:train=512:val=32:test=64",
          BACKBONE,
          "6..4",
          2,
          "mul-sigmoid",
          "mul-tanh",
          60,
          20,
          with(TRAINING, "size", "64x64"),
          30,
          "test",
          3);

  /**
   * @param number of steps of the first trainings
   * @return the plan with that many steps, everything else in proportion
   */
  DemoPlan withSteps(long number) {
    return new DemoPlan(
        dataset,
        backbone,
        feedback,
        iterations,
        gate,
        otherGate,
        number,
        Math.max(1, moreSteps * number / steps),
        training,
        Math.max(1, evalEvery * number / steps),
        split,
        examples);
  }

  private static Map<String, String> with(Map<String, String> options, String name, String value) {
    Map<String, String> all = new TreeMap<>(options);
    all.put(name, value);
    return Map.copyOf(all);
  }
}
