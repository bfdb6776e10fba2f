package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.author.Parity;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.training.internal.OptimizersService;

/** The numbers of the PyTorch reference; skipped where they are not at hand. */
public class ParityTest {
  private static final Path CASES =
      Path.of(System.getProperty("riglab.shared", "../../../shared"), "parity", "cases");

  @Rule public final TemporaryFolder home = new TemporaryFolder();

  @Test
  public void everyTensorOfEveryCaseAgreesWithPyTorch() throws IOException {
    assumeTrue("no parity cases at " + CASES, Files.isDirectory(CASES));
    Bench bench = Benches.create(home.getRoot().toPath());
    Parity parity = new ParityService(bench.networks, bench.networks, new OptimizersService());
    List<Path> cases;
    try (Stream<Path> folders = Files.list(CASES)) {
      cases = folders.sorted().toList();
    }
    List<String> wrong = new ArrayList<>();
    for (Path directory : cases) {
      Parity.Row row = parity.compare(directory, Optional.empty(), false);
      if (!(row.worst() <= 1e-4)) {
        wrong.add("%s: %.1e in %s".formatted(row.name(), row.worst(), row.worstTensor()));
      }
      assertTrue(row.name(), row.tensors() > 50);
      assertEquals(row.name(), 2, row.losses().size());
    }
    assertEquals(List.of(), wrong);
  }
}
