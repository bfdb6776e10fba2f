package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.List;
import org.junit.Test;

public class TableTest {
  /** Without the cut of cells this takes hours. */
  @Test(timeout = 60_000)
  public void isNeverWiderThanTheTerminal() {
    Table table = new Table("id", "name", "state", "error");
    for (int i = 0; i < 300; i++) {
      table.row("" + i, "rig", "queued", "");
    }
    table.row("301", "x".repeat(500_000), "y".repeat(500_000), "z ".repeat(250_000));
    String text = table.toString();
    assertTrue("" + text.length(), text.length() < 100_000);
    assertTrue(text.lines().allMatch(line -> line.length() <= Text.COLUMNS));
    assertTrue(text.contains("zzz") || text.contains("z z"));
  }

  @Test
  public void aTableOfNetworksFitsTheTerminal() {
    List<FormattedTable.Entry> row =
        List.of(
            FormattedTable.Entry.plain("gate mul-sigmoid"),
            new FormattedTable.Entry("14.50 ± 5.00 +0.39 [-0.13, +2.72]", true),
            FormattedTable.Entry.plain("14.89 ± 0.00 +0.39 [-0.13, +2.72]"),
            FormattedTable.Entry.plain("14.56 ± 2.29 +0.05 [-3.57, +1.75]"));
    FormattedTable table =
        new FormattedTable(
            "gates and iterations, a title that is longer than some terminals are wide, mIoU %",
            List.of("", "iterations 1", "iterations 2", "iterations 4"),
            List.of(row),
            "Mean over the seeds ± half the 95 % confidence interval, n where seeds are missing.");
    for (int columns : new int[] {60, 80, 100}) {
      String text = FormattedTable.write(List.of(table), FormattedTable.Format.TEXT, columns);
      text.lines().forEach(line -> assertTrue(line, Text.width(line) <= columns));
      assertTrue(text, text.contains("!"));
    }
  }

  @Test
  public void showsControlCharactersAsEscapes() {
    Table table = new Table("name");
    table.row("a\u001b[2Jb\nc");
    assertEquals("name\na\\u001b[2Jb\\u000ac\n", table.toString());
  }
}
