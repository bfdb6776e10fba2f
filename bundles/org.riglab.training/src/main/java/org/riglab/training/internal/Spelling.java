package org.riglab.training.internal;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Setting;
import org.riglab.parts.PartSpecs;
import org.riglab.parts.RecordOptions;

/**
 * The short spelling of transforms and loss: options {@code scale}, {@code flip} and {@code
 * coarse}, which recipes, runs and the shell have in common. A spec knows {@code transforms} and
 * {@code loss} only. Specs that can be said in the short spelling are stored in it, so that 0.1
 * reads them.
 */
final class Spelling {
  private static final String WHAT = "training";
  private static final String TRANSFORMS = "transforms";
  private static final String LOSS = "loss";
  private static final String SCALE = "scale";
  private static final String FLIP = "flip";
  private static final String CROP = "crop";
  private static final String COARSE = "coarse";
  private static final String CROSS_ENTROPY = "cross-entropy";
  private static final String COARSE_TO_FINE = "coarse-to-fine";
  private static final String TABLE = "table";
  private static final String NONE = "none";

  /**
   * The options.
   *
   * @param scale smallest and largest factor of transform scale
   * @param flip whether transform flip is among the transforms
   * @param coarse table of loss coarse-to-fine; none for another loss
   */
  private record Short(
      @Setting(
              about = "LEAST,MOST: random scale; short for an option of transforms",
              above = 0,
              lengths = 2,
              right = "the smallest and the largest, more than 0")
          List<Double> scale,
      @Setting(about = "flip at random, left to right; short for an option of transforms")
          boolean flip,
      @Setting(
              about =
                  "TABLE: superclasses of the coarse-to-fine loss: camvid, cocostuff10k, voc2012 or"
                      + " FILE.json; none for none; short for an option of loss")
          String coarse) {}

  private static final Map<String, Object> ANY =
      Map.of(SCALE, List.of(1.0, 1.0), FLIP, false, COARSE, NONE);

  /**
   * Options that 0.1 does not know, with the values that make a training what it is there; it would
   * end with the last weights, though.
   */
  private static final Map<String, Object> LATER =
      Map.ofEntries(
          Map.entry("deterministic", false),
          Map.entry("norm_bias_decay", 1.0),
          Map.entry("ema", 0.0),
          Map.entry("lr_end", 0.0),
          Map.entry("random_iterations", "fixed"),
          Map.entry("halting", false),
          Map.entry("gradient", "unrolled"),
          Map.entry("engine", "libtorch"),
          Map.entry("nodes", 1L),
          Map.entry("per_node", 1L),
          Map.entry("python", "auto"),
          Map.entry("warmup", 0L),
          Map.entry("warmup_start", 0.01),
          Map.entry("monitor", "mIoU"),
          Map.entry("keep", "best"));

  private Spelling() {}

  /**
   * Lays options over others, those in the short spelling too.
   *
   * @param base options, none of them in the short spelling
   * @param over options by written name; a list of transforms or a loss among them comes first
   * @return options, none of them in the short spelling
   * @throws RigException if an option in the short spelling has the wrong type, or says another
   *     loss than {@code loss}
   */
  static Map<String, Object> over(Map<String, ?> base, Map<String, ?> over) {
    Map<String, Object> result = new LinkedHashMap<>(base);
    result.putAll(over);
    Map<String, Object> given = new LinkedHashMap<>(over);
    given.keySet().retainAll(ANY.keySet());
    result.keySet().removeAll(ANY.keySet());
    Short spelled = RecordOptions.record(WHAT, Short.class, given, ANY);
    if (given.containsKey(SCALE)) {
      requireOrder(spelled.scale);
      result.put(TRANSFORMS, scaled(parts(result.get(TRANSFORMS)), spelled.scale));
    }
    if (given.containsKey(FLIP)) {
      result.put(TRANSFORMS, flipped(parts(result.get(TRANSFORMS)), spelled.flip));
    }
    if (given.containsKey(COARSE)) {
      coarse(result, spelled.coarse, over.containsKey(LOSS));
    }
    if (result.get(LOSS) != null) {
      result.put(LOSS, absolute(part(result.get(LOSS))));
    }
    return result;
  }

  private static void requireOrder(List<Double> scale) {
    if (scale.get(0) > scale.get(1)) {
      throw new RigException(
          "%s: option 'scale' is %s; it must be the smallest and the largest, more than 0"
              .formatted(WHAT, scale));
    }
  }

  private static List<PartSpec> scaled(List<PartSpec> transforms, List<Double> scale) {
    PartSpec with = new PartSpec(SCALE, Map.of("min", scale.get(0), "max", scale.get(1)));
    List<PartSpec> result = new ArrayList<>(transforms);
    for (int i = 0; i < result.size(); i++) {
      if (result.get(i).name().equals(SCALE)) {
        result.set(i, with);
        return result;
      }
    }
    result.add(0, with);
    return result;
  }

  private static List<PartSpec> flipped(List<PartSpec> transforms, boolean flip) {
    List<PartSpec> result = new ArrayList<>(transforms);
    if (!flip) {
      result.removeIf(part -> part.name().equals(FLIP));
    } else if (result.stream().noneMatch(part -> part.name().equals(FLIP))) {
      result.add(PartSpec.of(FLIP));
    }
    return result;
  }

  private static void coarse(Map<String, Object> result, String table, boolean both) {
    boolean coarse =
        result.get(LOSS) != null && part(result.get(LOSS)).name().equals(COARSE_TO_FINE);
    if (table.equals(NONE)) {
      if (coarse) {
        result.put(LOSS, PartSpec.of(CROSS_ENTROPY));
      }
      return;
    }
    if (both && !coarse) {
      throw new RigException(
          Kind.CONFLICT,
          "%s: option 'coarse' is %s and option 'loss' is %s; give one of them"
              .formatted(WHAT, table, PartSpecs.write(part(result.get(LOSS)))));
    }
    result.put(LOSS, new PartSpec(COARSE_TO_FINE, Map.of(TABLE, table)));
  }

  /** Files are found again from any directory. */
  private static PartSpec absolute(PartSpec part) {
    Map<String, Object> options = new TreeMap<>(part.options());
    options.replaceAll(
        (name, value) -> value instanceof String text && isFile(text) ? full(text) : value);
    return new PartSpec(part.name(), options);
  }

  private static boolean isFile(String text) {
    // Never by what there is: the directory of a server is nobody's who names something.
    return text.endsWith(".json") || text.contains("/");
  }

  private static String full(String file) {
    return Path.of(file).toAbsolutePath().normalize().toString();
  }

  private static PartSpec part(Object value) {
    return value instanceof PartSpec part ? part : PartSpecs.read(value);
  }

  private static List<PartSpec> parts(Object value) {
    if (value == null) {
      return List.of();
    }
    List<?> list =
        value instanceof List<?> given
            ? given
            : value instanceof String text && text.isBlank()
                ? List.of()
                : value instanceof String text ? List.of(text.split(",", -1)) : List.of(value);
    return list.stream().map(Spelling::part).toList();
  }

  /**
   * @param options none in the short spelling, as {@link RecordOptions#values} gives them
   * @return the same in the spelling of 0.1, where that can say them
   */
  static Map<String, Object> shortened(Map<String, Object> options) {
    Map<String, Object> result = new LinkedHashMap<>();
    options.forEach(
        (name, value) -> {
          switch (name) {
            case TRANSFORMS -> result.putAll(shortTransforms(value));
            case LOSS -> result.putAll(shortLoss(value));
            default -> {
              if (!value.equals(LATER.get(name))) {
                result.put(name, value);
              }
            }
          }
        });
    return result;
  }

  private static Map<String, Object> shortTransforms(Object value) {
    List<PartSpec> parts = parts(value);
    List<String> names = parts.stream().map(PartSpec::name).toList();
    boolean flip = names.equals(List.of(SCALE, CROP, FLIP));
    if (flip || names.equals(List.of(SCALE, CROP))) {
      Map<String, Object> scale = parts.get(0).options();
      boolean plain = parts.stream().skip(1).allMatch(part -> part.options().isEmpty());
      if (plain && scale.keySet().equals(Set.of("min", "max"))) {
        Double min = number(scale.get("min"));
        Double max = number(scale.get("max"));
        if (min != null && max != null) {
          Map<String, Object> result = new LinkedHashMap<>();
          result.put(SCALE, List.of(min, max));
          result.put(FLIP, flip);
          return result;
        }
      }
    }
    return Map.of(TRANSFORMS, value);
  }

  private static Map<String, Object> shortLoss(Object value) {
    PartSpec loss = part(value);
    if (loss.name().equals(CROSS_ENTROPY) && loss.options().isEmpty()) {
      return Map.of(COARSE, NONE);
    }
    return loss.name().equals(COARSE_TO_FINE)
            && loss.options().keySet().equals(Set.of(TABLE))
            && loss.options().get(TABLE) instanceof String table
        ? Map.of(COARSE, table)
        : Map.of(LOSS, value);
  }

  private static Double number(Object value) {
    try {
      return value instanceof Number number
          ? (Double) number.doubleValue()
          : value instanceof String text
              ? (Double) new BigDecimal(text.trim()).doubleValue()
              : null;
    } catch (NumberFormatException e) {
      return null; // the transform says what is wrong with it
    }
  }

  /**
   * Adds the short spelling to a listing.
   *
   * @param options of trainings
   * @param defaults of these, none in the short spelling
   * @return the options, those in the short spelling behind what they are short for
   */
  static List<OptionInfo> described(List<OptionInfo> options, Map<String, Object> defaults) {
    Map<String, Object> values = new LinkedHashMap<>(shortened(defaults));
    values.keySet().retainAll(ANY.keySet());
    Map<String, OptionInfo> byName = new LinkedHashMap<>();
    RecordOptions.describe(Short.class, values).forEach(info -> byName.put(info.name(), info));
    List<OptionInfo> result = new ArrayList<>();
    for (OptionInfo option : options) {
      result.add(option);
      Set<String> behind =
          option.name().equals(TRANSFORMS)
              ? new LinkedHashSet<>(List.of(SCALE, FLIP))
              : option.name().equals(LOSS) ? Set.of(COARSE) : Set.of();
      behind.forEach(name -> result.add(byName.get(name)));
    }
    return result;
  }
}
