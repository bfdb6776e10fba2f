package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PartSpec;
import org.riglab.base.Names;

/** Network specs as they are typed. */
final class Specs {
  private static final List<Integer> DEFAULT_FEEDBACK = List.of(4, 5, 6);
  private static final int DEFAULT_ITERATIONS = 2;
  private static final Pattern RANGE =
      Pattern.compile("([0-9]{1,3})(?:(?:\\.\\.|\\s+)([0-9]{1,3}))?");

  private Specs() {}

  /**
   * The changes that the options of a command request. Empty fields stay as they are.
   *
   * @param backbone see {@link NetworkSpec}
   * @param head see {@link NetworkSpec}
   * @param gate see {@link NetworkSpec}
   * @param unroll see {@link NetworkSpec}
   * @param feedback see {@link #feedback}
   * @param iterations see {@link NetworkSpec}
   * @param batchNorm see {@link #batchNorm}
   */
  record Changes(
      Optional<String> backbone,
      Optional<String> head,
      Optional<String> gate,
      Optional<String> unroll,
      Optional<String> feedback,
      Optional<Integer> iterations,
      Optional<String> batchNorm) {

    /**
     * @return whether there are no changes
     */
    boolean none() {
      return backbone.isEmpty()
          && head.isEmpty()
          && gate.isEmpty()
          && unroll.isEmpty()
          && feedback.isEmpty()
          && iterations.isEmpty()
          && batchNorm.isEmpty();
    }

    /**
     * @param spec the spec so far
     * @param networks provide the defaults of unroll strategies
     * @return the spec with the changes. A new backbone also selects its own head. Where only one
     *     of the unroll strategies before and now uses feedback, the feedback becomes what the new
     *     one has by default; where only one of them has a single iteration by default, so do the
     *     iterations; unless the changes define them
     */
    NetworkSpec applied(NetworkSpec spec, Networks networks) {
      PartSpec unrolled = unroll.map(Parts::parse).orElse(spec.unroll());
      List<Integer> blocks = spec.feedback();
      int times = spec.iterations();
      if (!unrolled.name().equals(spec.unroll().name())) {
        NetworkSpec before = usual(spec.unroll().name(), networks);
        NetworkSpec now = usual(unrolled.name(), networks);
        if (before.feedback().isEmpty() != now.feedback().isEmpty()) {
          blocks = now.feedback();
        }
        if ((before.iterations() == 1) != (now.iterations() == 1)) {
          times = now.iterations();
        }
      }
      if (feedback.isPresent()) {
        blocks = Specs.feedback(feedback.get());
      }
      return new NetworkSpec(
          backbone.map(Parts::parse).orElse(spec.backbone()),
          head.map(Parts::parse).orElse(backbone.isPresent() ? NetworkSpec.OWN_HEAD : spec.head()),
          gate.map(Parts::parse).orElse(spec.gate()),
          unrolled,
          blocks,
          iterations.orElse(times),
          spec.classes(),
          batchNorm.map(Specs::batchNorm).orElse(spec.batchNorm()),
          spec.seed());
    }

    /** A network that names its unroll strategy only. */
    private static NetworkSpec usual(String unroll, Networks networks) {
      return networks.spec(Map.of("unroll", unroll, "classes", 2L), "unroll " + unroll);
    }
  }

  /**
   * @param classes number of classes
   * @param seed of the initial weights
   * @return the network that {@code assemble} makes without further options
   */
  static NetworkSpec standard(int classes, long seed) {
    return new NetworkSpec(
        PartSpec.of("resnet50"),
        NetworkSpec.OWN_HEAD,
        PartSpec.of("mul-sigmoid"),
        PartSpec.of("parallel"),
        DEFAULT_FEEDBACK,
        DEFAULT_ITERATIONS,
        classes,
        BatchNormPolicy.PER_ITERATION,
        seed);
  }

  /**
   * @param text {@code 6..4}, {@code 4..6}, {@code 4,5,6}, {@code 6}, {@code none}, or the paper's
   *     {@code <<6 4>>}
   * @return the blocks, ascending
   * @throws RigException if it is none of these
   */
  static List<Integer> feedback(String text) {
    String plain = text.strip();
    if (plain.equals("none")) {
      return List.of();
    }
    if (plain.startsWith("<<") && plain.endsWith(">>")) {
      plain = plain.substring(2, plain.length() - 2);
    }
    TreeSet<Integer> blocks = new TreeSet<>();
    for (String word : plain.split(",", -1)) {
      Matcher range = RANGE.matcher(word.strip());
      if (!range.matches()) {
        throw Usage.wrong(
            "feedback '" + text + "': write 6..4, 4,5,6, 6, none, or '<<6 4>>' in quotes");
      }
      int from = Integer.parseInt(range.group(1));
      int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
      for (int block = Math.min(from, to); block <= Math.max(from, to); block++) {
        blocks.add(block);
      }
    }
    return List.copyOf(blocks);
  }

  /**
   * @param blocks ascending
   * @return as it is typed, for example {@code 6..4}
   */
  static String feedback(List<Integer> blocks) {
    if (blocks.isEmpty()) {
      return "none";
    }
    int first = blocks.get(0);
    int last = blocks.get(blocks.size() - 1);
    if (blocks.size() > 1 && last - first == blocks.size() - 1) {
      return last + ".." + first;
    }
    return blocks.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /**
   * @param text per-iteration, shared or frozen
   * @return the policy
   * @throws RigException if it is none of these
   */
  static BatchNormPolicy batchNorm(String text) {
    return constant(BatchNormPolicy.class, "batch norm", text);
  }

  /**
   * @param <E> the enum
   * @param type the enum
   * @param what is chosen, for error messages
   * @param text a constant as in a spec, for example {@code per-iteration}
   * @return the constant
   * @throws RigException if there is none of that name; names those there are
   */
  static <E extends Enum<E>> E constant(Class<E> type, String what, String text) {
    for (E constant : type.getEnumConstants()) {
      if (Names.writtenChoice(constant).equals(text)) {
        return constant;
      }
    }
    throw Usage.wrong(
        what
            + " '"
            + text
            + "': allowed are "
            + Arrays.stream(type.getEnumConstants())
                .map(Names::writtenChoice)
                .collect(Collectors.joining(", ")));
  }

  /**
   * @param text height and width, for example 180x240
   * @return (H, W)
   * @throws RigException if it is no size
   */
  static List<Integer> size(String text) {
    Matcher size = Pattern.compile("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})").matcher(text.strip());
    if (!size.matches()) {
      throw Usage.wrong("size '" + text + "': write HxW in pixels, for example 180x240");
    }
    return List.of(Integer.valueOf(size.group(1)), Integer.valueOf(size.group(2)));
  }

  /**
   * @param option as typed
   * @param text numbers with commas between them
   * @return the numbers
   * @throws RigException if one is none
   */
  static List<Double> numbers(String option, String text) {
    return Arrays.stream(text.split(",", -1)).map(word -> number(option, word)).toList();
  }

  /**
   * @param option as typed
   * @param text a whole number
   * @return the number, 1 or more; 0, which stands for a default in plans, is no value to be typed
   */
  static int positive(String option, String text) {
    try {
      int number = Integer.parseInt(text.strip());
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw Usage.wrong(option + " is " + text + "; it must be a whole number, 1 or more");
  }

  /**
   * @param option as typed
   * @param text a number
   * @return the number, above 0; 0, which stands for no budget in plans, is no value to be typed
   */
  static double budget(String option, String text) {
    double number = number(option, text);
    if (number <= 0) {
      throw Usage.wrong(option + " is " + text + "; it must be above 0");
    }
    return number;
  }

  /**
   * @param option as typed
   * @param text a number
   * @return the number
   * @throws RigException if it is none
   */
  static double number(String option, String text) {
    try {
      double number = Double.parseDouble(text.strip());
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw Usage.wrong(option + ": '" + text + "' is not a number");
  }

  /**
   * @param spec a spec
   * @return a summary of one line
   */
  static String line(NetworkSpec spec) {
    List<String> words = new ArrayList<>();
    words.add(Parts.text(spec.backbone()));
    if (!spec.head().equals(NetworkSpec.OWN_HEAD)) {
      words.add("head " + Parts.text(spec.head()));
    }
    words.add(Parts.text(spec.unroll()));
    if (!spec.feedback().isEmpty()) {
      words.add("feedback " + feedback(spec.feedback()));
      words.add("gate " + Parts.text(spec.gate()));
    }
    words.add("u=" + spec.iterations());
    words.add(spec.classes() + " classes");
    return String.join(", ", words);
  }
}
