package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.base.Names;

/**
 * Conditions and sort keys as people write them: {@code network.gate=mul-tanh and mIoU>40
 * tag:paper}. What the names mean is {@link RunFields}'s.
 *
 * @param conditions all hold
 * @param keys the most important first
 */
record RunQuery(List<Condition> conditions, List<Key> keys) {
  private static final int LONGEST = 4000;
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_./+%-]+");
  private static final Pattern OPERATOR = Pattern.compile("\\s*(!=|<=|>=|!~|==|[=:<>~])\\s*");
  private static final Pattern VALUE = Pattern.compile("\"([^\"]*)\"|'([^']*)'|([^\\s,\"']+)");
  private static final Pattern AND = Pattern.compile("(?i)(and|&&)(?=\\s)\\s*");

  /** Comparisons. */
  enum Operator {
    EQUAL,
    NOT_EQUAL,
    LESS,
    AT_MOST,
    MORE,
    AT_LEAST,
    CONTAINS,
    CONTAINS_NOT;

    static Operator of(String sign) {
      return switch (sign) {
        case "!=" -> NOT_EQUAL;
        case "<" -> LESS;
        case "<=" -> AT_MOST;
        case ">" -> MORE;
        case ">=" -> AT_LEAST;
        case "~" -> CONTAINS;
        case "!~" -> CONTAINS_NOT;
        default -> EQUAL;
      };
    }

    boolean ordered() {
      return this == LESS || this == AT_MOST || this == MORE || this == AT_LEAST;
    }

    boolean negated() {
      return this == NOT_EQUAL || this == CONTAINS_NOT;
    }
  }

  /**
   * A condition.
   *
   * @param values one, or several of which any may be equal or contained
   */
  record Condition(String field, Operator operator, List<String> values) {
    @Override
    public String toString() {
      return field + " " + Names.writtenChoice(operator) + " " + String.join(",", values);
    }
  }

  /** A field to sort by. */
  record Key(String field, boolean descending) {}

  /**
   * @throws RigException INVALID, with the place and what is expected
   */
  static RunQuery parse(String where, List<String> sort) {
    if (where.length() > LONGEST) {
      throw new RigException("a condition has at most %d characters".formatted(LONGEST));
    }
    List<Key> keys = new ArrayList<>();
    for (String key : sort) {
      boolean descending = key.startsWith("-");
      String name = descending || key.startsWith("+") ? key.substring(1) : key;
      if (!NAME.matcher(name).matches()) {
        throw new RigException(
            "'%s' is not a sort key; write a field, with - in front for descending order"
                .formatted(Names.shown(key)));
      }
      keys.add(new Key(name, descending));
    }
    return new RunQuery(conditions(where), keys);
  }

  private static List<Condition> conditions(String where) {
    List<Condition> conditions = new ArrayList<>();
    String text = where.strip();
    int at = 0;
    while (at < text.length()) {
      Matcher name = NAME.matcher(text).region(at, text.length());
      if (!name.lookingAt()) {
        throw wrong(text, at);
      }
      Matcher operator = OPERATOR.matcher(text).region(name.end(), text.length());
      if (!operator.lookingAt()) {
        throw wrong(text, at);
      }
      List<String> values = new ArrayList<>();
      int end = operator.end();
      do {
        int from = values.isEmpty() ? end : end + 1;
        Matcher value = VALUE.matcher(text).region(from, text.length());
        if (!value.lookingAt()) {
          throw new RigException(
              "'%s' has no value; write for example %s%s40, and quote a value that has spaces"
                  .formatted(
                      Names.shown(text.substring(at)), name.group(), operator.group().strip()));
        }
        values.add(
            value.group(1) != null
                ? value.group(1)
                : value.group(2) != null ? value.group(2) : value.group(3));
        end = value.end();
      } while (end < text.length() && text.charAt(end) == ',');
      if (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
        throw wrong(text, end);
      }
      conditions.add(condition(name.group(), operator.group(1), values));
      at = next(text, end);
    }
    return conditions;
  }

  private static Condition condition(String name, String sign, List<String> values) {
    Operator operator = Operator.of(sign);
    if (operator.ordered() && values.size() > 1) {
      throw new RigException(
          "%s%s%s: only =, != and ~ take several values"
              .formatted(name, sign, Names.shown(String.join(",", values))));
    }
    return new Condition(name, operator, values);
  }

  private static int next(String text, int end) {
    int at = end;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    Matcher and = AND.matcher(text).region(at, text.length());
    if (!and.lookingAt()) {
      return at;
    }
    if (and.end() == text.length()) {
      throw wrong(text, at);
    }
    return and.end();
  }

  private static RigException wrong(String text, int at) {
    String rest = text.substring(at);
    String word = rest.split("\\s", 2)[0].toLowerCase(Locale.ROOT);
    return word.equals("or") || word.equals("not") || rest.startsWith("(")
        ? new RigException(
            "'%s': conditions are joined by 'and'; several values of a field are written a=x,y, and"
                    .formatted(Names.shown(rest))
                + " 'not' is written != or !~")
        : new RigException(
            "'%s' is not a condition; write FIELD=VALUE with = : != < <= > >= ~ or !~, for example mIoU>40"
                .formatted(Names.shown(rest)));
  }
}
