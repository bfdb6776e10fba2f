package org.riglab.base;

import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/**
 * What texts of a request may be: the limits and rules for names, values and lists, wherever they
 * come from. Everything that is stored and shown to other users passes here first.
 */
public final class RequestText {
  /** Characters of a name that people give a run. */
  public static final int NAME = 200;

  /** Characters of a value. */
  public static final int VALUE = 4096;

  /** Characters of an error, a warning or an event; what is longer is cut. */
  public static final int LINE = 2000;

  /** Items of a list or an object. */
  public static final int ITEMS = 1000;

  /** Runs that a run may wait for. */
  public static final int AFTER = 100;

  /** Values of a request altogether. */
  public static final int ALL = 20_000;

  private static final Pattern NETWORK = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private RequestText() {}

  /**
   * @param name of a network; becomes a folder's name
   * @return whether it is one: 1 to 64 letters, digits, dots, dashes and underscores, beginning
   *     with a letter or digit
   */
  public static boolean isNetwork(String name) {
    return NETWORK.matcher(name).matches();
  }

  /**
   * @param name of a network
   * @return the same name
   * @throws RigException INVALID if it is none, see {@link #isNetwork}
   */
  public static String network(String name) {
    if (!isNetwork(name)) {
      throw new RigException(
          "'%s' is not a valid name for a network; use up to 64 letters, digits, dot, dash and underscore"
              .formatted(Names.shown(name)));
    }
    return name;
  }

  /**
   * @param what the name is of, for the message
   * @param name that people give
   * @return the same name
   * @throws RigException INVALID if it is longer than {@link #NAME} or has characters that no
   *     terminal shows
   */
  public static String name(String what, String name) {
    if (name.length() > NAME || !Names.printable(name)) {
      throw new RigException(
          "the name of %s is one line of at most %d printable characters".formatted(what, NAME));
    }
    return name;
  }

  /**
   * @param what has the items, for the message
   * @param items any
   * @param most how many there may be
   * @throws RigException INVALID if there are more
   */
  public static void count(String what, Collection<?> items, int most) {
    if (items.size() > most) {
      throw new RigException("%s has %d items; the most is %d".formatted(what, items.size(), most));
    }
  }

  /**
   * Checks values, and what they contain, as {@link Json#parse} reads them.
   *
   * @param what they are, for the message
   * @param values by name
   * @throws RigException INVALID naming the first that is too long, has too many items or
   *     characters that no terminal shows
   */
  public static void values(String what, Map<String, ?> values) {
    new Walk(what).map(what, values);
  }

  /** Visits values and counts them. */
  private static final class Walk {
    private final String what;
    private int count;

    Walk(String what) {
      this.what = what;
    }

    void map(String where, Map<?, ?> values) {
      count(where, values.keySet(), ITEMS);
      values.forEach(
          (key, value) -> {
            String name = String.valueOf(key);
            if (name.length() > NAME || !Names.printable(name)) {
              throw new RigException(
                  "%s has a key that is no line of at most %d printable characters: '%s'"
                      .formatted(where, NAME, Names.shown(name)));
            }
            value(where + " '" + name + "'", value);
          });
    }

    private void value(String where, Object value) {
      if (++count > ALL) {
        throw new RigException("%s has more than %d values".formatted(what, ALL));
      }
      if (value instanceof Map<?, ?> map) {
        map(where, map);
      } else if (value instanceof Collection<?> items) {
        count(where, items, ITEMS);
        items.forEach(item -> value(where, item));
      } else if (value instanceof CharSequence text) {
        if (text.length() > VALUE) {
          throw new RigException(
              "%s has %d characters; the most is %d".formatted(where, text.length(), VALUE));
        }
        if (!Names.printable(text.toString().replace("\n", "").replace("\t", ""))) {
          throw new RigException("%s has characters that are not printable".formatted(where));
        }
      }
    }
  }

  /**
   * @param text an error, a warning or an event
   * @return one line of it that can be stored and shown, cut after {@link #LINE} characters
   */
  public static String line(String text) {
    return cut(Visible.line(text), LINE);
  }

  /**
   * @param text any
   * @param most characters
   * @return the text, or its beginning and three dots
   */
  public static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 4)) ? most - 4 : most - 3;
    return text.substring(0, end) + "...";
  }
}
