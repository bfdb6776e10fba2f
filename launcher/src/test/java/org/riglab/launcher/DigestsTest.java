package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class DigestsTest {
  /** Of "abc", from FIPS 180-2, appendix B.1. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Features.Artifact artifact =
      new Features.Artifact("g:a:1", "g/a/1/a-1.jar", 1, "core");

  private Path repository(String content) throws Exception {
    Path repository = folder.getRoot().toPath().resolve("repository");
    Path jar = repository.resolve(artifact.path());
    Files.createDirectories(jar.getParent());
    Files.writeString(jar, content);
    Files.writeString(repository.resolve(Digests.LIST), ABC + "  " + artifact.path() + "\n");
    return repository;
  }

  private Path memory() {
    return folder.getRoot().toPath().resolve("cache/verified");
  }

  @Test
  public void remembersWhatWasRight() throws Exception {
    Path repository = repository("abc");
    Digests.of(repository).verify(List.of(artifact), memory());
    List<String> remembered = Files.readAllLines(memory());
    assertEquals(1, remembered.size());
    assertEquals(ABC, remembered.get(0).substring(0, 64));
    Digests.of(repository).verify(List.of(artifact), memory());
    assertEquals(remembered, Files.readAllLines(memory()));
  }

  @Test
  public void refusesAnotherContentOfTheSameLength() throws Exception {
    Path repository = repository("abc");
    Digests.of(repository).verify(List.of(artifact), memory());
    repository("abd");
    StartException refused =
        assertThrows(
            StartException.class, () -> Digests.of(repository).verify(List.of(artifact), memory()));
    assertEquals(
        "bundle g:a:1 was changed: the SHA-256 of "
            + repository.resolve(artifact.path())
            + " is not the "
            + ABC
            + " of the distribution",
        refused.getMessage());
  }

  @Test
  public void refusesWhatIsNotListed() throws Exception {
    Path repository = repository("abc");
    Files.writeString(repository.resolve(Digests.LIST), "");
    StartException refused =
        assertThrows(
            StartException.class, () -> Digests.of(repository).verify(List.of(artifact), memory()));
    assertEquals(
        "bundle g:a:1 is not listed in sha256sums: " + repository.resolve(artifact.path()),
        refused.getMessage());
  }
}
