package org.riglab.spark.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.base.Sha256;
import org.riglab.engine.maven.MavenFile;

public class SparkInstallationTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path installation(String name, String version) throws IOException {
    Path home = folder.newFolder(name).toPath();
    Path jars = Files.createDirectories(home.resolve("jars"));
    Files.writeString(jars.resolve("spark-core_2.13-" + version + ".jar"), "");
    return home;
  }

  private SparkInstallation installed(String configured, String variable) {
    return new SparkInstallation(
        (files, into, watcher) -> {
          try {
            Files.createDirectories(into);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        folder.getRoot().toPath().resolve("home"),
        configured,
        variable.isEmpty() ? Map.of() : Map.of("SPARK_HOME", variable));
  }

  /** What users fetch is what the tests of jobs run with. */
  @Test
  public void fetchesWhatMavenHasResolvedForTheTests() throws IOException {
    Map<String, Path> resolved = SparkJars.byName();
    List<MavenFile> files = SparkInstallation.files();
    assertTrue(files.size() > 50);
    for (MavenFile file : files) {
      Path jar = resolved.get(file.jar());
      assertEquals(file.jar(), file.bytes(), Files.size(jar));
      assertEquals(file.jar(), file.sha256(), Sha256.of(jar));
    }
    assertTrue(installed("", "").version().startsWith(SparkHome.VERSION + "."));
  }

  @Test
  public void theConfigurationComesBeforeTheVariableAndBothBeforeWhatIsFetched()
      throws IOException {
    Path one = installation("one", "4.0.1");
    Path two = installation("two", "4.0.2");
    assertEquals(Optional.empty(), installed("", "").home());
    Path fetched = installed("", "").fetch(null);
    assertEquals(Optional.of(fetched), installed("", "").home());
    assertEquals(Optional.of(two), installed("", two.toString()).home());
    assertEquals(Optional.of(one), installed(one.toString(), two.toString()).home());
  }

  @Test
  public void refusesAnotherVersionAndWhatIsNoInstallation() throws IOException {
    for (Path wrong : List.of(installation("old", "3.5.1"), folder.newFolder("empty").toPath())) {
      RigException e =
          assertThrows(RigException.class, () -> installed("", wrong.toString()).home());
      assertEquals(RigException.Kind.UNAVAILABLE, e.kind());
      assertTrue(e.getMessage(), e.getMessage().startsWith(wrong + " (SPARK_HOME) "));
      assertTrue(e.getMessage(), e.getMessage().endsWith("right is an installation of Spark 4.0"));
    }
  }

  @Test
  public void propertiesOfTheCommandComeLastAndJarsAreSentOrShared() {
    Master cluster = Master.parse("spark://10.0.0.1:7077,head:7078");
    List<Path> jars = List.of(Path.of("/a.jar"), Path.of("/b.jar"));
    List<String> configured = List.of("spark.executor.memory=3g", "spark.task.cpus=4");
    Map<String, String> sent =
        new Launch(jars, configured, false, "")
            .properties(cluster, List.of("spark.executor.memory=5g"));
    assertEquals("5g", sent.get("spark.executor.memory"));
    assertEquals("4", sent.get("spark.executorEnv.OMP_NUM_THREADS"));
    assertEquals("/a.jar,/b.jar", sent.get("spark.jars"));
    assertFalse(sent.containsKey("spark.driver.host"));
    Map<String, String> shared =
        new Launch(jars, configured, true, "").properties(cluster, List.of());
    assertEquals("/a.jar:/b.jar", shared.get("spark.executor.extraClassPath"));
    assertFalse(shared.containsKey("spark.jars"));
    assertEquals(
        "127.0.0.1",
        new Launch(jars, List.of(), false, "")
            .properties(Master.parse("spark://localhost:7077"), List.of())
            .get("spark.driver.host"));
    for (String wrong : List.of("executor.memory=1g", "spark.executor.memory")) {
      assertThrows(
          RigException.class,
          () -> new Launch(jars, List.of(), false, "").properties(cluster, List.of(wrong)));
    }
  }
}
