package org.riglab.datasets.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.base.FileContents;

/** Tables and lists that users name are shown to their readers only. */
public class FileContentsOfDataTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @After
  public void noServer() {
    System.clearProperty(FileContents.PROPERTY);
  }

  private void hidden(String text, Function<Path, Object> reading) throws IOException {
    Path file = folder.newFile().toPath();
    Files.writeString(file, text);
    RigException e = assertThrows(RigException.class, () -> reading.apply(file));
    assertEquals(e.getMessage(), true, e.getMessage().contains("s3cret"));
    System.setProperty(FileContents.PROPERTY, "true");
    e = assertThrows(RigException.class, () -> reading.apply(file));
    assertEquals(e.getMessage(), false, e.getMessage().contains("s3cret"));
    System.clearProperty(FileContents.PROPERTY);
  }

  @Test
  public void aServerDoesNotShowTablesAndLists() throws IOException {
    Path root = folder.getRoot().toPath();
    for (String table :
        List.of(
            "{\"s3cret\": 1}",
            "{\"classes\": \"s3cret\"}",
            "{\"classes\": [{\"name\": \"a\", \"colour\": \"s3cret\"}]}")) {
      hidden(table, file -> FolderTable.read(file, root));
    }
    Lists.Names names = new Lists.Names(Optional::of, Optional::of);
    hidden("s3cret\ns3cret\n", file -> Lists.read(file, names));
  }
}
