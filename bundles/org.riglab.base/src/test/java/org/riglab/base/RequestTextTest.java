package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.RigException;

public class RequestTextTest {
  @Test
  public void networksAreNamedAsFolders() {
    for (String good : List.of("rig", "a", "9", "A.b_c-1", "x".repeat(64))) {
      assertEquals(good, RequestText.network(good));
    }
    for (String bad :
        List.of(
            "", ".", "..", "../x", "a/b", "a b", "a\nb", "a\0", "-x", "\u00e4", "x".repeat(65))) {
      assertFalse(bad, RequestText.isNetwork(bad));
      assertThrows(RigException.class, () -> RequestText.network(bad));
    }
  }

  @Test
  public void manySmallValuesAreTooManyAsWell() {
    List<Object> many = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      many.add("x");
    }
    RequestText.values("it", Map.of("a", many));
    List<Object> lists = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      lists.add(many);
    }
    assertTrue(
        assertThrows(RigException.class, () -> RequestText.values("it", Map.of("a", lists)))
            .getMessage()
            .contains("more than 20000 values"));
  }

  @Test
  public void linesAreCutBetweenCharacters() {
    String faces = "\ud83d\ude00".repeat(2000);
    String line = RequestText.line(faces);
    assertTrue(line.length() <= RequestText.LINE);
    assertTrue(Names.printable(line));
    assertEquals("a\\u000ab", RequestText.line("a\nb"));
  }

  /** Whatever way a text takes to the stream, nothing in it moves the cursor. */
  @Test
  public void aVisibleStreamEscapesEverything() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = Visible.stream(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    String bad = "\u001b]0;x\u0007\u009b\u007f\u202e\u2028\u2066\r";
    out.print(bad);
    out.println(bad);
    out.print((Object) bad);
    out.println((Object) bad);
    out.print(bad.toCharArray());
    out.println(bad.toCharArray());
    out.printf("%s", bad);
    out.printf(Locale.ROOT, "%s", bad);
    out.format("%s", bad);
    out.append(bad).append(bad, 0, bad.length()).append('\u001b');
    out.print('\u001b');
    out.println('\u001b');
    out.print("a\tb \u2581\n");
    out.flush();
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertTrue(text, Names.printable(text.replace("\n", "").replace("\t", "")));
    assertTrue(
        text, text.startsWith("\\u001b]0;x\\u0007\\u009b\\u007f\\u202e\\u2028\\u2066\\u000d"));
    assertTrue(text, text.endsWith("a\tb \u2581\n"));
  }
}
