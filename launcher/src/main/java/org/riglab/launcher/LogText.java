package org.riglab.launcher;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.pattern.ThreadConverter;
import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Texts of log entries. Messages quote requests and files; an entry is one line all the same, and
 * its characters have no effect on the terminal that shows the log. {@code config/logback.xml}
 * names the converters.
 */
public final class LogText {
  private LogText() {}

  /**
   * @param text any, or null
   * @return the same with an escape such as <code>&#92;u001b</code> for each control character,
   *     line end, change of direction and lone surrogate; tabs remain
   */
  static String line(String text) {
    if (text == null || text.codePoints().noneMatch(LogText::escaped)) {
      return text;
    }
    StringBuilder line = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (escaped(c)) {
                for (char unit : Character.toChars(c)) {
                  line.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
              } else {
                line.appendCodePoint(c);
              }
            });
    return line.toString();
  }

  private static boolean escaped(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c != '\t';
      case Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /** The message of an entry. */
  public static final class Message extends MessageConverter {
    /** Called by Logback. */
    public Message() {}

    @Override
    public String convert(ILoggingEvent event) {
      return line(super.convert(event));
    }
  }

  /** The thread of an entry: names of threads contain names of runs and files. */
  public static final class ThreadName extends ThreadConverter {
    /** Called by Logback. */
    public ThreadName() {}

    @Override
    public String convert(ILoggingEvent event) {
      return line(super.convert(event));
    }
  }

  /** The exception of an entry: each message of the chain is one line. */
  public static final class Failure extends ThrowableProxyConverter {
    /** Called by Logback. */
    public Failure() {}

    @Override
    protected String throwableProxyToString(IThrowableProxy failure) {
      return super.throwableProxyToString(new Shown(failure));
    }
  }

  /** An exception with its messages as lines. */
  private record Shown(IThrowableProxy given) implements IThrowableProxy {
    @Override
    public String getMessage() {
      return line(given.getMessage());
    }

    @Override
    public String getOverridingMessage() {
      return line(given.getOverridingMessage());
    }

    @Override
    public String getClassName() {
      return given.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
      return given.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
      return given.getCommonFrames();
    }

    @Override
    public IThrowableProxy getCause() {
      return given.getCause() == null ? null : new Shown(given.getCause());
    }

    @Override
    public IThrowableProxy[] getSuppressed() {
      IThrowableProxy[] suppressed = given.getSuppressed();
      return suppressed == null
          ? null
          : Stream.of(suppressed).map(Shown::new).toArray(IThrowableProxy[]::new);
    }

    @Override
    public boolean isCyclic() {
      return given.isCyclic();
    }
  }
}
