package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The system properties that a configuration of the engine leads to. */
public class NativeEngineTest {
  private static final List<String> NAMES =
      List.of(
          "ENGINE_CACHE_DIR",
          "PYTORCH_LIBRARY_PATH",
          "PYTORCH_VERSION",
          "PYTORCH_FLAVOR",
          "PYTORCH_LIBRARY_EXCLUSION",
          "jna.library.path",
          "riglab.engine.architectures",
          "riglab.engine.problem");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Map<String, String> before = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, Object> engine = new HashMap<>();
  private Path distribution;
  private Path home;

  @Before
  public void open() throws IOException {
    NAMES.forEach(name -> before.put(name, System.clearProperty(name)));
    distribution = folder.newFolder("distribution").toPath();
    home = folder.newFolder("home").toPath();
    engine.put("build", "cuda");
    engine.put("version", "2.7.1");
    engine.put("flavor", "cu128");
    engine.put("libraries", "native/cuda");
    engine.put("cudart", "native/cuda");
    engine.put("excluded", new String[] {"libcublas.so.12", "libcudart.so.12"});
    engine.put("architectures", new String[] {"8.0", "9.0"});
    Path cuda = Files.createDirectories(distribution.resolve("native/cuda"));
    Files.createFile(cuda.resolve("libtorch_cuda.so"));
    Files.createFile(cuda.resolve("libcudart.so.12"));
  }

  @After
  public void close() {
    before.forEach(
        (name, value) -> {
          System.clearProperty(name);
          if (value != null) {
            System.setProperty(name, value);
          }
        });
  }

  private Optional<String> apply() throws StartException {
    return new NativeEngine(distribution, home, environment::get)
        .apply(Map.of("org.riglab.engine", engine));
  }

  @Test
  public void djlAndJnaFindTheLibraries() throws StartException {
    assertEquals(Optional.empty(), apply());
    String cuda = distribution.resolve("native/cuda").toString();
    assertEquals(cuda, System.getProperty("PYTORCH_LIBRARY_PATH"));
    assertEquals(cuda, System.getProperty("jna.library.path"));
    assertEquals("2.7.1", System.getProperty("PYTORCH_VERSION"));
    assertEquals("cu128", System.getProperty("PYTORCH_FLAVOR"));
    assertEquals(
        "libcublas.so.12,libcudart.so.12", System.getProperty("PYTORCH_LIBRARY_EXCLUSION"));
    assertEquals("8.0,9.0", System.getProperty("riglab.engine.architectures"));
    assertEquals(home.resolve("cache/engine").toString(), System.getProperty("ENGINE_CACHE_DIR"));
  }

  @Test
  public void withoutConfigurationNothingButTheCacheIsSaid() throws StartException {
    NativeEngine none = new NativeEngine(distribution, home, environment::get);
    assertEquals(Optional.empty(), none.apply(Map.of()));
    assertNull(System.getProperty("PYTORCH_LIBRARY_PATH"));
    assertEquals(home.resolve("cache/engine").toString(), System.getProperty("ENGINE_CACHE_DIR"));
  }

  @Test
  public void theEnvironmentComesFirst() throws StartException {
    environment.put("PYTORCH_LIBRARY_PATH", "/opt/libtorch/lib");
    environment.put("DJL_CACHE_DIR", "/cache");
    assertEquals(Optional.empty(), apply());
    assertNull(System.getProperty("PYTORCH_LIBRARY_PATH"));
    assertNull(System.getProperty("ENGINE_CACHE_DIR"));
  }

  @Test
  public void librariesThatAreGoneAreNamedAndTheCpuIsUsed() throws Exception {
    Path library = distribution.resolve("native/cuda/libtorch_cuda.so");
    Files.delete(library);
    assertEquals(Optional.of("the CUDA engine has no " + library), apply());
    assertEquals("the CUDA engine has no " + library, System.getProperty("riglab.engine.problem"));
    assertNull(System.getProperty("PYTORCH_LIBRARY_PATH"));
  }

  @Test
  public void aConfigurationThatLacksSomethingIsRefused() {
    engine.remove("flavor");
    StartException e = assertThrows(StartException.class, this::apply);
    assertTrue(
        e.getMessage(),
        e.getMessage().startsWith("configuration org.riglab.engine has no 'flavor'"));
  }
}
