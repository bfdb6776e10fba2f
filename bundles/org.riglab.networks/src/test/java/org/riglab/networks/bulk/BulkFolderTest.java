package org.riglab.networks.bulk;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Inference;
import org.riglab.api.data.ClassTable;
import org.riglab.api.network.ImageSizes;
import org.riglab.base.ProcessLock;
import org.riglab.networks.data.Normalization;

public class BulkFolderTest {
  private static final ClassTable CLASSES =
      new ClassTable(List.of(new ClassTable.Entry("sky, blue", 1), new ClassTable.Entry("b", 2)));

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path output;
  private BulkFolder bulk;

  @Before
  public void open() {
    output = folder.getRoot().toPath().resolve("out");
    bulk = new BulkFolder(output);
  }

  private static BulkSettings settings(boolean upright) {
    return new BulkSettings(
        "rig",
        "0123",
        "resnet",
        ImageSizes.ANY,
        2,
        List.of(),
        Normalization.IMAGENET,
        List.of(1.0),
        Inference.PLAIN,
        upright,
        CLASSES);
  }

  private Scored scored(String name) throws Exception {
    Path map = bulk.labelMap(name);
    Files.createDirectories(map.getParent());
    Files.writeString(map, "");
    return new Scored(name, 2, 3, 2, 0.5, 0.25, List.of(2L, 4L));
  }

  @Test
  public void settingsComeBackFromTheirText() {
    assertEquals(settings(true), BulkSettings.parse(settings(true).text()));
  }

  @Test
  public void whatAKilledProcessHasWrittenCountsUpToItsLastLine() throws Exception {
    bulk.begin(settings(false)).close();
    try (BulkFolder.Part part = bulk.part()) {
      part.add(scored("a"));
      part.add(scored("d/b"));
      part.add(scored("gone"));
    }
    Files.delete(bulk.labelMap("gone"));
    Path killed;
    try (Stream<Path> files = Files.list(bulk.job())) {
      killed = files.filter(file -> file.toString().endsWith(".jsonl")).findFirst().get();
    }
    Files.writeString(killed, scored("c").line().substring(0, 30), StandardOpenOption.APPEND);
    assertEquals(Set.of("a", "d/b"), bulk.finished().keySet());

    bulk.finish(CLASSES, Map.of("x", "no \"image\""));
    assertEquals(
        """
        image,height,width,iterations,confidence,entropy,"sky, blue",b
        a,2,3,2,0.50000,0.25000,0.33333,0.66667
        d/b,2,3,2,0.50000,0.25000,0.33333,0.66667
        """,
        Files.readString(output.resolve("scores.csv")));
    assertEquals(
        "image,reason\nx,\"no \"\"image\"\"\"\n", Files.readString(output.resolve("failed.csv")));
    assertEquals(Set.of("a", "d/b"), bulk.finished().keySet());
    assertFalse(Files.exists(killed));
    bulk.finish(CLASSES, Map.of());
    assertFalse(Files.exists(output.resolve("failed.csv")));
  }

  @Test
  @SuppressWarnings("try") // the lock is held, not used
  public void aDirectoryBelongsToOneJobAtATimeAndOneKindOfJob() {
    try (ProcessLock lock = bulk.begin(settings(false))) {
      assertTrue(Files.exists(bulk.job().resolve("settings.json")));
      RigException busy = assertThrows(RigException.class, () -> bulk.begin(settings(false)));
      assertEquals(Kind.BUSY, busy.kind());
    }
    bulk.begin(settings(false)).close();
    RigException other = assertThrows(RigException.class, () -> bulk.begin(settings(true)));
    assertEquals(Kind.CONFLICT, other.kind());
  }

  @Test
  public void namesStayInTheDirectory() {
    assertEquals(output.resolve("labels/a/b.png"), bulk.labelMap("a/b"));
    for (String name : List.of("", "../a", "a/../../b", "/etc/a", "a\0b")) {
      assertThrows(name, RigException.class, () -> bulk.labelMap(name));
    }
  }
}
