package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class FileContentsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @After
  public void noServer() {
    System.clearProperty(FileContents.PROPERTY);
  }

  private static RigException failure(Path file) {
    return assertThrows(RigException.class, () -> FileContents.read(file, () -> Json.read(file)));
  }

  @Test
  public void aServerQuotesNothingOfAFile() throws Exception {
    Path file = folder.newFile("x.json").toPath();
    Files.writeString(file, "{\"password\": 1, \"password\": 2}");
    assertTrue(failure(file).getMessage().contains("password"));
    System.setProperty(FileContents.PROPERTY, "true");
    RigException failure = failure(file);
    assertEquals(
        file + " does not contain what is expected; the server's log says what is wrong",
        failure.getMessage());
    assertEquals(RigException.Kind.INVALID, failure.kind());
    // What stands in no file is said.
    RigException none = failure(folder.getRoot().toPath().resolve("none.json"));
    assertEquals(RigException.Kind.NOT_FOUND, none.kind());
    assertTrue(none.getMessage().contains("none.json"));
  }
}
