package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.riglab.api.bench.ImportSpec.PixelFormat;
import org.riglab.api.bench.TrainSpec;
import org.riglab.base.Names;

/** The options that state a pixel format in numbers. */
final class PixelOptions {
  private static final int CHANNELS = 3;

  private PixelOptions() {}

  /**
   * @param preset of {@code --pixels}
   * @param channels of {@code --channels}
   * @param range of {@code --pixel-range}
   * @param mean of {@code --mean}
   * @param std of {@code --std}
   * @return the format; empty if no option states it
   */
  static Optional<PixelFormat> of(
      String preset,
      Optional<String> channels,
      Optional<Integer> range,
      Optional<String> mean,
      Optional<String> std) {
    if (channels.isEmpty() && range.isEmpty() && mean.isEmpty() && std.isEmpty()) {
      return Optional.empty();
    }
    if (!preset.equals("file")) {
      throw Usage.wrong(
          "--pixels %s already defines channels, range, mean and std; omit it, or omit --channels, --pixel-range, --mean and --std"
              .formatted(Names.shown(preset)));
    }
    if (mean.isEmpty() || std.isEmpty()) {
      throw Usage.wrong(
          "--%s is missing; --channels, --pixel-range, --mean and --std belong together"
              .formatted(mean.isEmpty() ? "mean" : "std"));
    }
    int white = range.orElse(1);
    if (white != 1 && white != 255) {
      throw Usage.wrong("--pixel-range is %d; it must be 1 or 255".formatted(white));
    }
    List<Double> means = numbers("--mean", mean.get());
    List<Double> stds = numbers("--std", std.get());
    if (means.stream().anyMatch(value -> value < 0 || value > white)) {
      throw Usage.wrong(
          "--mean is %s; with --pixel-range %d it must be three numbers of 0 to %d"
              .formatted(mean.get(), white, white));
    }
    if (stds.stream().anyMatch(value -> value <= 0)) {
      throw Usage.wrong("--std is %s; it must be three numbers above 0".formatted(std.get()));
    }
    return Optional.of(
        new PixelFormat(
            Specs.constant(TrainSpec.Channels.class, "--channels", channels.orElse("rgb")),
            white,
            means,
            stds));
  }

  private static List<Double> numbers(String option, String text) {
    List<Double> numbers = new ArrayList<>();
    for (String number : text.split(",", -1)) {
      try {
        numbers.add(Double.parseDouble(number.strip()));
      } catch (NumberFormatException e) {
        numbers.add(Double.NaN);
      }
    }
    if (numbers.size() != CHANNELS || numbers.stream().anyMatch(n -> !Double.isFinite(n))) {
      throw Usage.wrong(
          "%s is '%s'; it must be three numbers with commas between them"
              .formatted(option, Names.shown(text)));
    }
    return numbers;
  }
}
