package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.TrainSpec.Channels;

/** Statistics of pixels in the order and unit of a network. */
final class PixelText {
  private static final List<String> NAMES = List.of("red", "green", "blue");

  private final Channels channels;
  private final int range;
  private final boolean perImage;

  /**
   * @param channels of {@code --channels}
   * @param range of {@code --pixel-range}
   * @param perImage whether the statistics of images are averaged
   */
  PixelText(String channels, int range, boolean perImage) {
    this.channels = Specs.constant(Channels.class, "--channels", channels);
    this.range = range;
    this.perImage = perImage;
    if (range != 1 && range != 255) {
      throw Usage.wrong("--pixel-range is %d; it must be 1 or 255".formatted(range));
    }
  }

  private <T> List<T> ordered(List<T> rgb) {
    List<T> ordered = new ArrayList<>(rgb);
    if (channels == Channels.BGR) {
      Collections.reverse(ordered);
    }
    return ordered;
  }

  private List<Double> numbers(List<Double> rgb) {
    return ordered(rgb).stream().map(value -> value * range / 255).toList();
  }

  private List<Double> mean(Evaluator.Pixels found) {
    return numbers(perImage ? found.imageMean() : found.mean());
  }

  private List<Double> std(Evaluator.Pixels found) {
    return numbers(perImage ? found.imageStd() : found.std());
  }

  private static String option(List<Double> numbers) {
    return numbers.stream().map(DataCommand::significant).collect(Collectors.joining(","));
  }

  private String channelOption() {
    return channels.name().toLowerCase(Locale.ROOT);
  }

  /** Text for the terminal. */
  void print(Terminal terminal, Evaluator.Pixels found) {
    Table table = new Table("channel", "mean", "std");
    List<String> names = ordered(NAMES);
    List<Double> means = mean(found);
    List<Double> stds = std(found);
    for (int c = 0; c < names.size(); c++) {
      table.row(
          names.get(c),
          DataCommand.significant(means.get(c)),
          DataCommand.significant(stds.get(c)));
    }
    terminal.print(table);
    terminal
        .out()
        .println(
            "%s of %s, %s"
                .formatted(
                    Text.count(found.images(), "image"),
                    found.split(),
                    Text.count(found.pixels(), "pixel")));
    terminal
        .out()
        .println(
            "--channels %s --pixel-range %d --mean %s --std %s"
                .formatted(channelOption(), range, option(means), option(stds)));
  }

  /** For programs. */
  Map<String, Object> object(Evaluator.Pixels found) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("split", found.split());
    object.put("images", found.images());
    object.put("pixels", found.pixels());
    object.put("channels", channelOption());
    object.put("pixelRange", range);
    object.put("mean", mean(found));
    object.put("std", std(found));
    return object;
  }
}
