package org.riglab.ssh.internal;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/**
 * How long a session may be idle.
 *
 * @param text as in the configuration, for example {@code 15m}
 * @param duration more than zero
 */
record IdleLimit(String text, Duration duration) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,6})([smh])");

  /**
   * @param settings of which {@code idle} counts, or {@code idle.minutes} where that is empty
   * @return the limit; empty for none
   * @throws RigException if it is no duration
   */
  static Optional<IdleLimit> of(Settings settings) {
    String text = settings.idle().isBlank() ? settings.idle_minutes() + "m" : settings.idle();
    if (text.equals("0")) {
      return Optional.empty();
    }
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new RigException(
          "org.riglab.ssh: idle is '%s'; it must be a duration such as 30s, 15m or 2h, or 0 for no limit"
              .formatted(text));
    }
    long number = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          default -> Duration.ofHours(number);
        };
    return duration.isZero() ? Optional.empty() : Optional.of(new IdleLimit(text, duration));
  }
}
