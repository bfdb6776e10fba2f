package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.base.Json;
import org.riglab.graph.internal.export.ExporterService;

/** The bench's exports are there completely or not at all. */
public class ExportedFilesTest {
  private static final String SPEC =
      """
      {"classes": 3, "iterations": 2, "feedback": [5], "gate": "stranger", "unroll": "parallel",
       "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "block": "basic", "width": 4}}\
      """;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeRegistry registry = Benches.registry();
  private Bench bench;
  private Path out;

  @Before
  public void open() throws IOException {
    bench = new Bench(folder.newFolder("home").toPath(), registry);
    bench.connect(null, new ExporterService(), null);
    out = folder.newFolder("out").toPath();
  }

  @After
  public void close() {
    bench.close();
  }

  private void assemble(boolean reads) {
    registry.put("stranger", new StrangerGate(reads));
    bench.networks.assemble("rig", bench.networks.spec(Json.parse(SPEC, "spec"), "spec"), false);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private String refused(String format, Path file) {
    return assertThrows(RigException.class, () -> bench.weights.write("rig", format, file))
        .getMessage();
  }

  @Test
  public void everyFormatIsWritten() throws IOException {
    assemble(false);
    for (String format : List.of("safetensors", "torchscript", "onnx")) {
      bench.weights.write("rig", format, out.resolve("sub/rig." + format));
      assertTrue(format, Files.size(out.resolve("sub/rig." + format)) > 10_000);
    }
    assertEquals(List.of("sub"), files());
    assertEquals(
        "cannot export 'tflite'; expected safetensors, torchscript, onnx",
        refused("tflite", out.resolve("rig")));
    bench.connect(null, null, null);
    assertEquals("cannot export 'onnx'; expected safetensors", refused("onnx", out.resolve("rig")));
  }

  @Test
  public void aGateThatReadsValuesIsNamedAndNothingIsWritten() throws IOException {
    assemble(true);
    Path there = Files.writeString(out.resolve("there.pt"), "what was");
    for (String format : List.of("torchscript", "onnx")) {
      for (Path file : List.of(there, out.resolve("new.pt"))) {
        assertEquals(
            "org.riglab.networks.internal.StrangerGate$Scale (gate 5, iteration 2) cannot be"
                + " traced: it calls getFloat, which reads values; compute with arrays instead",
            refused(format, file));
      }
    }
    assertEquals("what was", Files.readString(there));
    assertEquals(List.of("there.pt"), files());
  }
}
