package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class JsonTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static String error(String text) {
    RigException e = assertThrows(RigException.class, () -> Json.parse(text, "a.json"));
    assertEquals(RigException.Kind.INVALID, e.kind());
    assertFalse(e.getMessage(), e.getMessage().contains("\n"));
    return e.getMessage();
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
    assertEquals(
        "a.json is not a JSON object: Unterminated string at line 1 column 18 path $.width",
        error("{\"width\": 16, \"lr"));
    assertEquals(
        "a.json is not a JSON object: End of input at line 1 column 8 path $.a",
        error("{\"a\": 1"));
    assertTrue(error("{} {}").startsWith("a.json is not a JSON object"));
    assertTrue(error("{\"a\": 1, \"a\": 2}").contains("$.a occurs twice"));
  }

  @Test
  public void refusesWhatIsNotAnObject() {
    assertEquals("a.json is empty; expected a JSON object", error(" \n"));
    assertEquals("a.json holds an array; expected a JSON object", error("[1]"));
    assertEquals("a.json holds a number; expected a JSON object", error("3"));
    assertEquals("a.json holds a text; expected a JSON object", error("\"a\""));
    assertEquals("a.json holds a boolean; expected a JSON object", error("true"));
    assertEquals("a.json holds null; expected a JSON object", error("null"));
  }

  @Test
  public void readsArrays() {
    assertEquals(List.of("a", 1L, Map.of()), Json.parseArray("[\"a\", 1, {}]", "x"));
    for (String text : List.of("{}", "[1", "[1] 2", "")) {
      String message =
          assertThrows(RigException.class, () -> Json.parseArray(text, "x")).getMessage();
      assertTrue(message, message.contains("a JSON array"));
    }
  }

  @Test
  public void refusesWhatGsonWouldForgive() {
    for (String text :
        List.of(
            "{'a': 1}",
            "{a: 1}",
            "{\"a\": 1;}",
            "{\"a\": 1,}",
            "{\"a\": [1,,2]}",
            "{\"a\": NaN}",
            "{\"a\": TRUE}",
            "{\"a\": 01}",
            "{\"a\": \"\t\"}",
            "{\"a\": 1} // no",
            "# no\n{}")) {
      error(text);
    }
  }

  @Test
  public void refusesWhatCostsTooMuch() {
    assertTrue(error("{\"a\": [1e999]}").contains("$.a[0] is too large"));
    assertTrue(error("{\"a\": 9223372036854775808}").contains("$.a is too large"));
    assertTrue(error("{\"a\": 0." + "1".repeat(50) + "}").contains("$.a is too long"));
    assertTrue(error("{\"a\":" + "[".repeat(100_000)).contains("Nesting limit"));
  }

  @Test
  public void refusesOtherEncodings() {
    byte[] latin = "{\"a\": \"\u00e4\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(
        "the body is not UTF-8 text; expected a JSON object",
        assertThrows(RigException.class, () -> Json.parse(latin, "the body")).getMessage());
    assertEquals(
        Map.of("a", "\u00e4"),
        Json.parse("{\"a\": \"\u00e4\"}".getBytes(StandardCharsets.UTF_8), "the body"));
  }

  @Test
  public void writesWhatItReads() {
    Path file = folder.getRoot().toPath().resolve("deep/a.json");
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("z", 1L);
    object.put("a", List.of(0.1, "<&>", Double.NaN));
    Json.write(file, object);
    object.put("a", Arrays.asList(0.1, "<&>", null));
    assertEquals(object, Json.read(file));
    assertEquals(List.of("a.json"), List.of(file.getParent().toFile().list()));
    assertEquals("{\"z\":1,\"a\":[0.1,\"<&>\",null]}", Json.line(object));
    assertEquals("{\n  \"b\": null\n}\n", Json.text(Arrays.asList(new Holder(null)).get(0)));
  }

  private record Holder(Object b) {}

  private enum Policy {
    PER_ITERATION {
      @Override
      public String toString() {
        return "not the name";
      }
    },
    FROZEN
  }

  private record Inner(double value, float single, Policy policy) {}

  private record Outer(
      String name,
      Optional<Inner> none,
      Optional<Inner> one,
      List<Inner> items,
      Path file,
      Instant at) {}

  @Test
  public void recordsAreWrittenByComponent() {
    Inner fine = new Inner(0.5, 0.1f, Policy.PER_ITERATION);
    Outer outer =
        new Outer(
            "a",
            Optional.empty(),
            Optional.of(fine),
            List.of(fine, new Inner(Double.NaN, Float.POSITIVE_INFINITY, Policy.FROZEN)),
            Path.of("x.png"),
            Instant.EPOCH);
    assertEquals(
        "{\"name\":\"a\",\"none\":null,"
            + "\"one\":{\"value\":0.5,\"single\":0.1,\"policy\":\"per-iteration\"},"
            + "\"items\":[{\"value\":0.5,\"single\":0.1,\"policy\":\"per-iteration\"},"
            + "{\"value\":null,\"single\":null,\"policy\":\"frozen\"}],"
            + "\"file\":\"x.png\",\"at\":\"1970-01-01T00:00:00Z\"}",
        Json.line(outer));
    JsonObject tree = Json.tree(outer).getAsJsonObject();
    assertTrue(tree.get("none").isJsonNull());
    tree.addProperty("more", 1);
    assertTrue(Json.line(tree).endsWith(",\"more\":1}"));
    assertEquals("{\"FROZEN\":1}", Json.line(Map.of(Policy.FROZEN, 1)));
  }

  @Test
  public void refusesFiles() throws Exception {
    Path file = folder.getRoot().toPath().resolve("none.json");
    RigException missing = assertThrows(RigException.class, () -> Json.read(file));
    assertEquals("there is no file " + file, missing.getMessage());
    assertEquals(RigException.Kind.NOT_FOUND, missing.kind());
    assertEquals(Optional.empty(), Json.readIfExists(file));
    Files.writeString(file, "{}");
    assertEquals(Optional.of(Map.of()), Json.readIfExists(file));
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    RigException binary = assertThrows(RigException.class, () -> Json.read(file));
    assertEquals(file + " is not UTF-8 text; expected a JSON object", binary.getMessage());
    assertEquals(RigException.Kind.INVALID, binary.kind());
    Path folders = folder.newFolder().toPath();
    RigException directory = assertThrows(RigException.class, () -> Json.read(folders));
    assertEquals(RigException.Kind.IO, directory.kind());
  }
}
