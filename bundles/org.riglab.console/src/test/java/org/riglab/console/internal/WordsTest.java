package org.riglab.console.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.List;
import org.junit.Test;

public final class WordsTest {
  @Test
  public void blanksSeparateAndQuotesKeepTogether() throws Exception {
    assertEquals(List.of(), Words.of(" \t "));
    assertEquals(
        List.of("swap", "rig", "--gate=mul-tanh", "6..4", "180x240"),
        Words.of("  swap rig\t--gate=mul-tanh 6..4 180x240 "));
    assertEquals(
        List.of("<<6 4>>", "$(x)|;", "a\"b\\c", "", "onetwo", "äöü→"),
        Words.of("'<<6 4>>' '$(x)|;' \"a\\\"b\\\\c\" '' one'two' äöü→"));
  }

  @Test
  public void whatGogoWouldReadIsRefused() {
    for (String line :
        List.of(
            "list|cat",
            "a;b",
            "a&",
            "a > b",
            "a<b",
            "(new x)",
            "a)",
            "{a}",
            "[1]",
            "$x",
            "${x}",
            "`id`",
            "a\\ b",
            "a #b",
            "x = $y",
            "a 'b' | c")) {
      UsageException refused = assertThrows(line, UsageException.class, () -> Words.of(line));
      assertTrue(refused.getMessage(), refused.getMessage().contains("is only allowed in quotes"));
    }
  }

  @Test
  public void openQuotesAndStrangeEscapesAreRefused() {
    for (String line : List.of("a 'b", "a \"b", "a \"b'", "\"\\n\"", "\"a\\", "'it's'")) {
      assertThrows(line, UsageException.class, () -> Words.of(line));
    }
  }

  @Test
  public void whatATerminalDoesNotShowIsRefused() {
    int[] characters = {
      0, 7, '\n', '\r', 0x1b, 0x7f, 0x85, 0x9b, 0xa0, 0xad, 0x200b, 0x2028, 0x202e, 0x2066, 0xfeff,
      0xd800, 0xe000, 0xffff, 0xe0001, 0x10ffff
    };
    for (int c : characters) {
      for (String line :
          List.of("list " + Character.toString(c), "'" + Character.toString(c) + "'")) {
        UsageException refused =
            assertThrows(Integer.toHexString(c), UsageException.class, () -> Words.of(line));
        assertTrue(
            refused.getMessage(),
            refused.getMessage().endsWith(String.format("U+%04X, is not allowed", c)));
      }
    }
    assertThrows(UsageException.class, () -> Words.of("'a\tb'"));
  }

  @Test
  public void aLineHasAnEnd() throws Exception {
    assertEquals(1, Words.of("a".repeat(8192)).size());
    assertThrows(UsageException.class, () -> Words.of("a".repeat(8193)));
  }
}
