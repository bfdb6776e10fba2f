package org.riglab.parts.internal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Kinds;
import org.riglab.base.Names;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kinds of parts, and which services are parts. */
final class PartKinds {
  private static final Logger LOG = LoggerFactory.getLogger(PartKinds.class);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private PartKinds() {}

  /** The kinds in the order of listings. */
  static List<String> names() {
    return List.copyOf(Kinds.ALL.keySet());
  }

  /** The service interface of a kind. */
  static Class<? extends Provider> type(String kind) {
    return Kinds.ALL.get(kind);
  }

  /**
   * @throws RigException INVALID if there is no such kind
   */
  static void require(String kind) {
    if (!Kinds.ALL.containsKey(kind)) {
      throw new RigException(
          "there is no kind '%s'; there are %s".formatted(kind, near(kind, Kinds.ALL.keySet())));
    }
  }

  static Filter filter() {
    String kinds =
        Kinds.ALL.values().stream()
            .map(kind -> "(" + Constants.OBJECTCLASS + "=" + kind.getName() + ")")
            .collect(Collectors.joining("", "(|", ")"));
    try {
      return FrameworkUtil.createFilter("(&(" + Provider.NAME + "=*)" + kinds + ")");
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Optional<Entry> entry(ServiceReference<? extends Provider> reference) {
    Set<String> classes = Set.of((String[]) reference.getProperty(Constants.OBJECTCLASS));
    List<String> kinds =
        Kinds.ALL.keySet().stream()
            .filter(k -> classes.contains(Kinds.ALL.get(k).getName()))
            .toList();
    Object name = reference.getProperty(Provider.NAME);
    if (kinds.size() == 1 && name instanceof String s && NAME.matcher(s).matches()) {
      return Optional.of(new Entry(kinds.get(0), s, reference));
    }
    LOG.warn(
        "Ignored a service of bundle {}: it needs one kind, and a {} of letters, digits, dot, dash"
            + " and underscore; it has {} and {}",
        reference.getBundle().getSymbolicName(),
        Provider.NAME,
        kinds,
        name);
    return Optional.empty();
  }

  /** There is no part of a kind and name; the message names those of the kind. */
  static RigException missing(Class<?> kind, String name, Collection<Entry> sameKind) {
    String title =
        Kinds.of(kind.getName())
            .orElseThrow(() -> new IllegalArgumentException(kind + " is no kind of part"));
    List<String> names = sameKind.stream().map(e -> e.name).distinct().sorted().toList();
    return new RigException(
        Kind.NOT_FOUND,
        "there is no %s '%s'; %s"
            .formatted(
                title,
                name,
                names.isEmpty() ? "none is available" : "there are " + near(name, names)));
  }

  private static String near(String given, Collection<String> names) {
    return Names.nearestFirst(given, names).collect(Collectors.joining(", "));
  }
}
