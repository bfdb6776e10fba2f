package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

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
  public void showsControlCharactersAsEscapes() {
    Table table = new Table("name");
    table.row("a\u001b[2Jb\nc");
    assertEquals("name\na\\u001b[2Jb\\u000ac\n", table.toString());
  }
}
