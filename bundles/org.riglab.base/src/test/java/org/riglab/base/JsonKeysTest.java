package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.List;
import org.junit.Test;
import org.riglab.api.RigException;

public class JsonKeysTest {
  private static final List<String> ALLOWED = List.of("title", "rows", "weights");

  private static String refused(String... keys) {
    RigException refused =
        assertThrows(RigException.class, () -> JsonKeys.check("t.json", List.of(keys), ALLOWED));
    assertEquals(RigException.Kind.INVALID, refused.kind());
    return refused.getMessage();
  }

  @Test
  public void knownKeysPass() {
    JsonKeys.check("t.json", List.of(), ALLOWED);
    JsonKeys.check("t.json", ALLOWED, ALLOWED);
  }

  @Test
  public void aMisspeltKeyIsNamedWithTheMostSimilarOne() {
    assertEquals(
        "t.json: 'titel' is unknown; allowed are rows, title, weights; the most similar is title",
        refused("rows", "titel"));
    assertEquals(
        "t.json: 'Rows', 'wieghts' are unknown; allowed are rows, title, weights; the most similar"
            + " are rows, weights",
        refused("wieghts", "Rows"));
  }

  @Test
  public void aKeyThatResemblesNoneHasNoSuggestion() {
    assertEquals(
        "t.json: 'colour' is unknown; allowed are rows, title, weights", refused("colour"));
  }

  @Test
  public void aKeyWithControlCharactersStaysOneLine() {
    assertEquals(
        "t.json: 'a??[31m' is unknown; allowed are rows, title, weights", refused("a\n\u001b[31m"));
  }
}
