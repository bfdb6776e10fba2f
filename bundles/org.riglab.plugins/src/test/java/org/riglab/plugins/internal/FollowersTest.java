package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Two processes of one home. */
public class FollowersTest {
  private static final long SECONDS = 60;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** The other process: reports, and gives a plugin up when it is told to. */
  static final class Other {
    private Other() {}

    public static void main(String[] args) throws Exception {
      try (Followers.Member member = new Followers(Path.of(args[0])).join()) {
        member.report(Map.of("kept", "it is used by training a", "going", ""));
        System.out.println("ready");
        while (System.in.read() >= 0) {
          member.report(Map.of("kept", "it is used by training a"));
        }
      }
    }
  }

  @Test
  public void waitsForOtherProcessesAndNamesThoseThatKeepAPlugin() throws Exception {
    Path plugins = folder.getRoot().toPath();
    Followers here = new Followers(plugins);
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                plugins.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (Followers.Member own = here.join();
        BufferedReader out =
            new BufferedReader(
                new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8));
        Writer in = other.outputWriter()) {
      String line = out.readLine();
      while (line != null && !line.equals("ready")) {
        line = out.readLine();
      }
      own.report(Map.of("kept", "this process makes the change"));
      assertEquals(
          List.of(new Followers.Keeper(other.pid(), "it is used by training a")),
          here.without("kept", SECONDS));
      assertEquals(List.of(), here.without("another", SECONDS));
      assertEquals(List.of(new Followers.Keeper(other.pid(), "")), here.without("going", 0));
      Future<List<Followers.Keeper>> going = threads.submit(() -> here.without("going", SECONDS));
      in.write('x');
      in.flush();
      assertEquals(List.of(), going.get());
      other.destroyForcibly().waitFor();
      assertEquals("a dead process keeps nothing", List.of(), here.without("kept", SECONDS));
      assertEquals(
          "what it left is removed, and this process is still there", 2, files(plugins).size());
    } finally {
      threads.shutdownNow();
      other.destroyForcibly();
    }
    assertEquals(List.of(), files(plugins));
  }

  private static List<Path> files(Path plugins) throws Exception {
    try (var files = Files.list(plugins.resolve("followers"))) {
      return files.toList();
    }
  }
}
