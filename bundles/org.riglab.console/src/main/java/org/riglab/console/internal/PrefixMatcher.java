package org.riglab.console.internal;

import java.util.List;
import java.util.Map;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.LineReader;
import org.jline.reader.impl.CompletionMatcherImpl;

/**
 * Accepts candidates that start with what was typed. JLine's own matcher also accepts words that
 * contain it or resemble it, and replaces the typed word with them.
 */
final class PrefixMatcher extends CompletionMatcherImpl {
  @Override
  protected void defaultMatchers(
      Map<LineReader.Option, Boolean> options,
      boolean prefix,
      CompletingParsedLine line,
      boolean caseInsensitive,
      int errors,
      String originalGroupName) {
    String typed = prefix ? line.word().substring(0, line.wordCursor()) : line.word();
    matchers = List.of(simpleMatcher(word -> word.startsWith(typed)));
    exact = typed::equals;
  }
}
