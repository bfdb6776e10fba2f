package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

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
