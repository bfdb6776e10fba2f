package org.riglab.tensors;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class JsonTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static String error(String text) {
    return assertThrows(RigException.class, () -> Json.parse(text, "a.json")).getMessage();
  }

  @Test
  public void keepsNumbersApart() {
    Map<String, Object> object =
        Json.parse("{\"b\": 9007199254740993, \"a\": [1.0, -2, true, null, {\"c\": 1e3}]}", "x");
    assertEquals(List.of("b", "a"), List.copyOf(object.keySet()));
    assertEquals(9007199254740993L, object.get("b"));
    assertEquals(Arrays.asList(1.0, -2L, true, null, Map.of("c", 1000.0)), object.get("a"));
  }

  @Test
  public void saysWhereItWentWrong() {
    String malformed = error("{\n  \"a\": {\"b\": [1, tru]}}");
    assertTrue(malformed, malformed.startsWith("a.json is not a JSON object: "));
    assertTrue(malformed, malformed.contains("malformed at line 2 column 18"));
    assertTrue(malformed, malformed.contains("$.a.b[1]"));
    assertFalse(malformed, malformed.contains("\n"));
    String list = error("[1]");
    assertTrue(list, list.contains("Expected BEGIN_OBJECT but was BEGIN_ARRAY"));
    assertTrue(error("").contains("End of input"));
    assertTrue(error("{} {}").startsWith("a.json is not a JSON object"));
    assertTrue(error("{\"a\": 1, \"a\": 2}").contains("$.a occurs twice"));
    assertTrue(error("{\"a\": [1e999]}").contains("$.a[0] is too large"));
    assertTrue(error("{\"a\":" + "[".repeat(100_000)).contains("Nesting limit"));
  }

  @Test
  public void writesWhatItReads() throws Exception {
    Path file = folder.getRoot().toPath().resolve("deep/a.json");
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("z", 1L);
    object.put("a", List.of(0.1, "<&>", Double.NaN));
    Json.write(file, object);
    object.put("a", Arrays.asList(0.1, "<&>", null));
    assertEquals(object, Json.read(file));
    assertEquals(List.of("a.json"), List.of(file.getParent().toFile().list()));
  }

  @Test
  public void refusesFiles() throws Exception {
    Path missing = folder.getRoot().toPath().resolve("none.json");
    assertEquals(
        "there is no file " + missing,
        assertThrows(RigException.class, () -> Json.read(missing)).getMessage());
    Path binary = Files.write(missing, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertEquals(
        binary + " is not UTF-8 text",
        assertThrows(RigException.class, () -> Json.read(binary)).getMessage());
  }
}
