package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.base.RequestText;

/** What a request may bring, and that no stored row hides others. */
public class RequestLimitsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static final Lab.Query ALL = new Lab.Query(Set.of(), Set.of(), "", 0, 0, 1000);

  private FakeBench bench;
  private LabService lab;

  @Before
  public void open() {
    bench = new FakeBench(folder.getRoot().toPath());
    bench.networks.add("rig");
    lab = bench.lab(new Limits(List.of("cpu"), 1, 0, false, 0, 0, 0, 0, 0, 3), null);
  }

  @After
  public void close() {
    lab.close();
  }

  private void refused(Request request, String message) {
    RigException e = assertThrows(RigException.class, () -> lab.submit(request));
    assertEquals(RigException.Kind.INVALID, e.kind());
    assertTrue(e.getMessage(), e.getMessage().contains(message));
    assertFalse(e.getMessage(), e.getMessage().chars().anyMatch(c -> c < ' ' || c == 0x202e));
    assertTrue(e.getMessage(), e.getMessage().length() < 500);
  }

  private static Request request(
      String name,
      String network,
      Map<String, Object> options,
      Map<String, List<Object>> grid,
      List<Long> after) {
    return new Request(Run.Kind.TRAIN, name, network, Map.of(), options, grid, List.of(), 0, after);
  }

  @Test
  public void namesOfNetworksAreCheckedWhereTheyEnter() throws Exception {
    for (String name :
        List.of(
            "../../escaped",
            "a/b",
            "a\\b",
            "a\0b",
            "a\nb",
            "a\u001b[2J",
            "a\u202eb",
            ".hidden",
            "x".repeat(300))) {
      // With a run to wait for, the network may come later: it was not looked at.
      lab.submit(Request.of(Run.Kind.TRAIN, "rig", Map.of()));
      refused(request("", name, Map.of(), Map.of(), List.of(1L)), "is not a valid name");
      refused(request("", name, Map.of(), Map.of(), List.of()), "is not a valid name");
      refused(
          new Request(
              Run.Kind.TRAIN,
              "",
              name,
              Map.of("backbone", "fake"),
              Map.of(),
              Map.of(),
              List.of(1L, 2L),
              0,
              List.of()),
          "is not a valid name");
    }
    assertFalse(Files.exists(folder.getRoot().toPath().resolveSibling("escaped")));
  }

  @Test
  public void textsAreBounded() {
    String large = "x".repeat(500_000);
    refused(request("", "rig", Map.of("lr", large), Map.of(), List.of()), "the most is 4096");
    refused(
        request("", "rig", Map.of(), Map.of("lr", List.of("1", large)), List.of()),
        "the most is 4096");
    refused(
        request("", "rig", Map.of("lr", Map.of("a", List.of(large))), Map.of(), List.of()),
        "the most is 4096");
    refused(request("", "rig", Map.of(large, "1"), Map.of(), List.of()), "has a key");
    refused(request(large, "rig", Map.of(), Map.of(), List.of()), "at most 200");
    refused(
        request("", "rig", Map.of("a", Collections.nCopies(2000, "1")), Map.of(), List.of()),
        "2000 items");
    refused(
        request("", "rig", Map.of(), Map.of(), Collections.nCopies(100_000, 1L)),
        "the most is 100");
    assertEquals(0, lab.list(ALL).total());
  }

  private static Request seeded(Map<String, Object> spec, List<Long> seeds) {
    return new Request(Run.Kind.TRAIN, "", "new", spec, Map.of(), Map.of(), seeds, 0, List.of());
  }

  private static List<Object> numbers(int count) {
    return LongStream.range(0, count).<Object>mapToObj(Long::valueOf).toList();
  }

  /** At the bound itself. */
  @Test
  public void listsAreBounded() {
    List<Long> runs = new ArrayList<>();
    for (int i = 0; i <= RequestText.AFTER; i++) {
      runs.add(lab.submit(Request.of(Run.Kind.TRAIN, "rig", Map.of())).get(0).id());
    }
    refused(
        request("", "rig", Map.of(), Map.of(), runs),
        "the list of runs to wait for has 101 items; the most is 100");
    List<Long> most = runs.subList(0, RequestText.AFTER);
    Run run = lab.submit(request("", "rig", Map.of(), Map.of(), most)).get(0);
    assertEquals(most, run.after());
    long before = lab.list(ALL).total();
    refused(
        seeded(Map.of(), LongStream.range(0, 1001).boxed().toList()),
        "the list of seeds has 1001 items; the most is 1000");
    refused(
        request("", "rig", Map.of(), Map.of("a", numbers(11), "b", numbers(91)), List.of()),
        "more than 1000 combinations");
    refused(
        request("", "rig", Map.of(), Map.of("a", numbers(1001)), List.of()),
        "the grid 'a' has 1001 items; the most is 1000");
    Map<String, Object> wide = new HashMap<>();
    numbers(1001).forEach(number -> wide.put("k" + number, 1L));
    refused(request("", "rig", wide, Map.of(), List.of()), "has 1001 items; the most is 1000");
    assertEquals(before, lab.list(ALL).total());
  }

  @Test
  public void specsAreBounded() {
    refused(seeded(Map.of("backbone", "x".repeat(4097)), List.of()), "the most is 4096");
    refused(seeded(Map.of("backbone", "a\u001b[2J"), List.of()), "printable");
    refused(seeded(Map.of("a\u001b[2J", 1L), List.of()), "has a key");
    refused(
        seeded(Map.of("a", Collections.nCopies(21, numbers(1000))), List.of()),
        "the spec has more than 20000 values");
    assertEquals(0, lab.list(ALL).total());
  }

  @Test
  public void controlCharactersAreRefused() {
    for (String bad : List.of("\u001b]0;x\u0007", "\u009b2J", "\u007f", "\u202e", "a\u2028b")) {
      refused(request(bad, "rig", Map.of(), Map.of(), List.of()), "printable");
      refused(request("", "rig", Map.of("lr", bad), Map.of(), List.of()), "printable");
      refused(request("", "rig", Map.of(), Map.of("lr", List.of(bad)), List.of()), "printable");
    }
  }

  /** Version 0.1 stored whatever came. */
  @Test
  public void oneBadRowHidesNoOther() throws Exception {
    for (int i = 0; i < 6; i++) {
      lab.submit(Request.of(Run.Kind.TRAIN, "rig", Map.of()));
    }
    lab.store()
        .database()
        .write(
            c -> {
              try (Statement statement = c.createStatement()) {
                statement.execute(
                    "update run set options = '{\"lr\": \"' || replace(hex(zeroblob(250000)), '0',"
                        + " 'x') || '\"}', name = replace(hex(zeroblob(250000)), '0', 'x')"
                        + " where id = 2");
                statement.execute("update run set options = '{\"lr\": ' where id = 3");
                statement.execute("update run set state = 'NONE' where id = 4");
                statement.execute(
                    "update run set error = replace(hex(zeroblob(250000)), '0', 'x') || char(27)"
                        + " where id = 5");
              }
              return null;
            });
    List<Run> runs = lab.list(ALL).runs();
    assertEquals(List.of(6L, 5L, 2L, 1L), runs.stream().map(Run::id).collect(Collectors.toList()));
    for (Run run : runs) {
      assertTrue(run.toString().length() < 5000);
    }
  }
}
