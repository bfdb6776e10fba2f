package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.BulkPredictor;
import org.riglab.api.engine.EngineSetup;
import org.riglab.api.engine.SparkSetup;
import org.riglab.base.RemoteFiles;

public class BulkCommandsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<BulkPredictor.Job> jobs = new ArrayList<>();
  private BulkPredictor.Outcome outcome = new BulkPredictor.Outcome(6, 2, 1, 3);
  private Path directory;
  private Shell shell;

  @Before
  public void open() throws Exception {
    directory = folder.getRoot().toPath();
    Fakes.FakeBench bench = new Fakes.FakeBench(directory.resolve("home"));
    bench.networks.put("rig", Specs.standard(2, 0));
    BulkPredictor engine =
        new BulkPredictor() {
          @Override
          public String engine() {
            return "spark";
          }

          @Override
          public Outcome predict(Job job, Watcher watcher) {
            jobs.add(job);
            watcher.progress(1, 9);
            watcher.failed("a", "no\nimage");
            watcher.message("waiting");
            return outcome;
          }
        };
    shell =
        new Shell(
            directory,
            new PredictCommand(bench, bench, new Fakes.FakeReport(), List.of(engine)),
            new SparkCommand(new FakeSetup()));
  }

  private final class FakeSetup implements SparkSetup {
    @Override
    public String version() {
      return "4.0.4";
    }

    @Override
    public Optional<Path> home() {
      return Optional.empty();
    }

    @Override
    public Path fetch(EngineSetup.Watcher watcher) {
      return directory.resolve("spark");
    }
  }

  @After
  public void close() {
    shell.close();
  }

  private void assertFails(RigException.Kind kind, String words, String line) throws Exception {
    RigException e = shell.failure(line);
    assertEquals(kind, e.kind());
    assertTrue(e.getMessage(), e.getMessage().contains(words));
  }

  @Test
  public void passesOnWhatIsAskedFor() throws Exception {
    assertFails(
        RigException.Kind.PART_FAILED,
        "1 image could not be labelled; %s has the reasons"
            .formatted(directory.resolve("out/failed.csv")),
        "rig:predict rig --engine spark --master spark://h:1 --cluster spark.a=1,spark.b=2"
            + " --input in --output out --flip --iterations 3 --upright");
    BulkPredictor.Job job = jobs.get(0);
    assertEquals("rig", job.network());
    assertEquals(directory.resolve("in"), job.input());
    assertEquals(directory.resolve("out"), job.output());
    assertTrue(job.upright() && job.inference().flip());
    assertEquals(3, job.inference().stopping().iterations());
    assertEquals("spark://h:1", job.master());
    assertEquals(List.of("spark.a=1", "spark.b=2"), job.settings());
    outcome = new BulkPredictor.Outcome(6, 2, 0, 3);
    String said = shell.run("rig:predict rig --engine spark --input in --output out");
    assertTrue(said, said.contains("a: no"));
    assertTrue(said, said.contains("waiting\n"));
    assertTrue(said, said.contains("6 images in " + job.output() + ", 2 earlier, 2.00 images/s"));
  }

  @Test
  public void refusesWhatDoesNotFit() throws Exception {
    assertFails(RigException.Kind.INVALID, "exclude", "rig:predict rig a.png -e spark --input in");
    assertFails(
        RigException.Kind.INVALID, "--maps", "rig:predict rig -e spark --input in --maps 'gate.*'");
    assertFails(RigException.Kind.INVALID, "for --input", "rig:predict rig a.png -e spark");
    assertFails(RigException.Kind.INVALID, "there is no engine", "rig:predict rig -I in -e x");
    assertEquals(List.of(), jobs);
  }

  @Test
  public void remoteUsersNameNoCluster() throws Exception {
    shell.session().put(NamedFiles.CONFINED, new RemoteFiles(directory, List.of()));
    for (String option : List.of("--master local", "--cluster spark.a=1")) {
      assertFails(
          RigException.Kind.DENIED, "local users", "rig:predict rig -e spark -I in " + option);
    }
    assertEquals(List.of(), jobs);
    outcome = new BulkPredictor.Outcome(1, 0, 0, 1);
    shell.run("rig:predict rig -e spark --input in");
    assertEquals(1, jobs.size());
  }

  @Test
  public void showsAndFetchesSpark() throws Exception {
    assertTrue(shell.run("rig:spark").startsWith("none; 'rig spark setup' fetches Spark 4.0.4"));
    assertEquals(
        "Spark 4.0.4 is in " + directory.resolve("spark") + "\n", shell.run("rig:spark setup"));
  }
}
