package org.riglab.networks.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.riglab.api.RigException;

/**
 * Which tensor of a file goes where in a network. Of all ways to read a file's names, the one is
 * taken that fits the most tensors: something may be taken off in front of them (a container such
 * as {@code state_dict}, DataParallel's {@code module.}), and torchvision's names may be put in
 * their places.
 *
 * @param wrapper what names start with and is taken off; ends in a slash, a dot, or is empty
 * @param style how the rest is read
 * @param prefixes the user's own; see {@link org.riglab.api.bench.ImportSpec}
 */
record Naming(String wrapper, Style style, Map<String, String> prefixes) {
  private static final String BACKBONE = "backbone.";
  private static final String CLASSIFIER = "classifier.";
  private static final String HEAD = "classifier.4."; // of torchvision's FCN and DeepLab
  private static final int MAX_WRAPPERS = 6;

  /** How names are read. */
  enum Style {
    /** They are the network's. */
    SAME,
    /** torchvision's segmentation networks, whose last convolution is the classifier. */
    SEGMENTATION,
    /** torchvision's classification networks: the network's backbone. */
    CLASSIFICATION;

    private String target(String name, Set<String> network) {
      return switch (this) {
        case SAME -> name;
        case SEGMENTATION ->
            name.startsWith(HEAD) ? CLASSIFIER + name.substring(HEAD.length()) : name;
        case CLASSIFICATION -> network.contains(name) ? name : BACKBONE + name;
      };
    }
  }

  private record Count(Naming naming, int fitting, int named) {
    Count plus(boolean fits) {
      return new Count(naming, fitting + (fits ? 1 : 0), named + 1);
    }

    boolean betterThan(Count other) {
      return fitting != other.fitting
          ? fitting > other.fitting
          : named != other.named
              ? named > other.named
              : naming.wrapper.length() != other.naming.wrapper.length()
                  ? naming.wrapper.length() < other.naming.wrapper.length()
                  : naming.style.compareTo(other.naming.style) < 0;
    }
  }

  /**
   * Finds the best way.
   *
   * @param file for the message
   * @param network the network's names
   * @param source the file's names
   * @param prefixes the user's own
   * @param fits whether a tensor of the file (first) can fill one of the network (second)
   * @throws RigException if two parts of the file fit equally and no prefix says which is meant
   */
  static Naming choose(
      Path file,
      Set<String> network,
      Set<String> source,
      Map<String, String> prefixes,
      BiPredicate<String, String> fits) {
    Map<Naming, Count> counts = new LinkedHashMap<>();
    Naming plain = new Naming("", Style.SAME, prefixes);
    counts.put(plain, new Count(plain, 0, 0));
    for (String name : source) {
      for (String wrapper : wrappers(name)) {
        for (Style style : Style.values()) {
          Naming naming = new Naming(wrapper, style, prefixes);
          String target = naming.target(name, network);
          if (network.contains(target)) {
            counts.merge(
                naming,
                new Count(naming, 0, 0).plus(fits.test(name, target)),
                (sum, one) -> sum.plus(one.fitting == 1));
          }
        }
      }
    }
    Count best = counts.get(plain);
    for (Count count : counts.values()) {
      best = count.betterThan(best) ? count : best;
    }
    if (prefixes.isEmpty()) {
      requireOne(file, best, counts.values());
    }
    return best.naming;
  }

  private static void requireOne(Path file, Count best, Collection<Count> counts) {
    for (Count other : counts) {
      if (best.fitting > 0
          && other.fitting == best.fitting
          && other.named == best.named
          && !other.naming.wrapper.equals(best.naming.wrapper)) {
        List<String> both =
            Stream.of(best, other)
                .map(count -> count.naming.wrapper.replace('/', '.'))
                .sorted()
                .toList();
        throw new RigException(
            "%s: the tensors of '%s' and of '%s' fit the network equally; choose one with --prefix %s= or --prefix %s="
                .formatted(file, both.get(0), both.get(1), both.get(0), both.get(1)));
      }
    }
  }

  /** Everything that may have been put in front of a name. */
  private static List<String> wrappers(String name) {
    List<String> wrappers = new ArrayList<>(List.of(""));
    for (int i = 0; i < name.length() && wrappers.size() < MAX_WRAPPERS; i++) {
      if (name.charAt(i) == '.' || name.charAt(i) == '/') {
        wrappers.add(name.substring(0, i + 1));
      }
    }
    return wrappers;
  }

  /**
   * @param name in the file
   * @param network the network's names
   * @return its name in the network, if the network has one
   */
  String target(String name, Set<String> network) {
    String whole = name.replace('/', '.');
    String mapped = mapped(whole);
    if (mapped != null) {
      return mapped;
    }
    String rest = name.startsWith(wrapper) ? whole.substring(wrapper.length()) : whole;
    mapped = mapped(rest);
    return mapped != null ? mapped : style.target(rest, network);
  }

  private String mapped(String name) {
    for (Map.Entry<String, String> prefix : prefixes.entrySet()) {
      if (name.startsWith(prefix.getKey())) {
        return prefix.getValue() + name.substring(prefix.getKey().length());
      }
    }
    return null;
  }

  /**
   * @param name in the file, which the network has no place for
   * @return why that is as it should be; null if it is not
   */
  String ignored(String name) {
    String container = wrapper.substring(0, wrapper.lastIndexOf('/') + 1);
    if (!name.startsWith(container)) {
      return "not in '" + container.substring(0, container.length() - 1) + "'";
    }
    if (name.endsWith("num_batches_tracked")) {
      return "num_batches_tracked";
    }
    String rest = name.substring(name.startsWith(wrapper) ? wrapper.length() : 0);
    if (rest.matches("(backbone[./])?fc[.](weight|bias)")
        || style == Style.CLASSIFICATION && rest.startsWith(CLASSIFIER)) {
      return "the classifier of a classification network";
    }
    return style == Style.SEGMENTATION && rest.startsWith("aux_classifier.")
        ? "an auxiliary classifier"
        : null;
  }

  /**
   * @return what is done to names, in words; empty for nothing
   */
  String words() {
    List<String> words = new ArrayList<>();
    if (!wrapper.isEmpty()) {
      words.add("'" + wrapper + "' taken off");
    }
    if (style == Style.CLASSIFICATION) {
      words.add("'" + BACKBONE + "' put in front");
    } else if (style == Style.SEGMENTATION) {
      words.add("'" + HEAD + "' is '" + CLASSIFIER + "'");
    }
    prefixes.forEach((from, to) -> words.add("'" + from + "' is '" + to + "'"));
    return String.join(", ", words);
  }
}
