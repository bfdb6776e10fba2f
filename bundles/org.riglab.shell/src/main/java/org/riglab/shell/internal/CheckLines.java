package org.riglab.shell.internal;

import java.io.PrintStream;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks.Check;
import org.riglab.api.author.PluginChecks.Report;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.base.Names;

/** Shows checks as they end: one line each below their part, and a sentence where there is one. */
final class CheckLines {
  private static final int INDENT = 10;

  private final Terminal terminal;
  private final PrintStream out;
  private String part = "";

  CheckLines(Terminal terminal) {
    this.terminal = terminal;
    this.out = terminal.out();
  }

  /**
   * @param check has just ended
   */
  void add(Check check) {
    if (!check.part().equals(part)) {
      part = check.part();
      out.println(part);
    }
    out.println(
        Text.format(
            "  %-6s  %-32s %6d ms",
            Names.writtenChoice(check.verdict()), check.name(), check.millis()));
    if (!check.sentence().isEmpty()) {
      out.println(" ".repeat(INDENT) + terminal.wrap(check.sentence(), INDENT));
    }
  }

  /**
   * Prints how many passed.
   *
   * @param report of all checks
   * @throws RigException if one failed
   */
  void end(Report report) {
    int checks = report.checks().size();
    String title = report.name() + " " + report.version();
    if (!report.passed()) {
      throw new RigException(
          RigException.Kind.PART_FAILED,
          "%s fails %d of %s"
              .formatted(title, count(report, Verdict.FAILED), Text.count(checks, "check")));
    }
    long notes = count(report, Verdict.NOTE);
    out.println(
        "%s holds: %s%s"
            .formatted(
                title,
                Text.count(checks, "check"),
                notes == 0 ? "" : ", " + Text.count(notes, "note") + " among them"));
  }

  private static long count(Report report, Verdict verdict) {
    return report.checks().stream().filter(check -> check.verdict() == verdict).count();
  }
}
