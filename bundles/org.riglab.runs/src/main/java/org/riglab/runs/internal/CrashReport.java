package org.riglab.runs.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the virtual machine writes when native code brings it down: {@code -XX:ErrorFile}. */
final class CrashReport {
  private static final Logger LOG = LoggerFactory.getLogger(CrashReport.class);

  /** For example {@code # SIGSEGV (0xb) at pc=...}. */
  private static final Pattern SIGNAL = Pattern.compile("#\\s+(SIG[A-Z]+|Internal Error).*");

  /**
   * A frame of the thread that died: {@code j a.b.C.method(I)V+3 bundle} if it was interpreted,
   * {@code J 17 c2 a.b.C.method(I)V} if it was compiled.
   */
  private static final Pattern FRAME =
      Pattern.compile("(?:j|J \\d+(?:%)? \\S+) +([\\w.$]+)\\.([\\w$<>]+)\\(.*");

  private static final int MOST_LINES = 2000;

  private CrashReport() {}

  /**
   * @param file need not exist
   * @param owners names the plugin of a class; empty for none
   * @return the signal and, where there is one, the plugin whose code is uppermost; empty without a
   *     file
   */
  static String read(Path file, UnaryOperator<String> owners) {
    if (!Files.isRegularFile(file)) {
      return "";
    }
    List<String> lines;
    try (Stream<String> all = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      lines = all.limit(MOST_LINES).toList();
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("cannot read {}", file, e);
      return "";
    }
    String signal =
        lines.stream()
            .map(SIGNAL::matcher)
            .filter(Matcher::matches)
            .map(matcher -> matcher.group(1))
            .findFirst()
            .orElse("a crash");
    Optional<String> at =
        lines.stream()
            .map(FRAME::matcher)
            .filter(Matcher::matches)
            .filter(frame -> !owners.apply(frame.group(1)).isEmpty())
            .map(
                frame ->
                    "%s was in %s.%s"
                        .formatted(
                            owners.apply(frame.group(1)),
                            frame.group(1).substring(frame.group(1).lastIndexOf('.') + 1),
                            frame.group(2)))
            .findFirst();
    return "%s%s (%s)".formatted(signal, at.map(a -> "; " + a).orElse(""), file);
  }
}
