package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Health;

public class InboxTest {
  private static final long SECONDS = 60;
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration NEVER = Duration.ofDays(1);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path plugins;
  private Path inbox;
  private Followers followers;
  private final Fake fake = new Fake();
  private final List<String> noticed = new CopyOnWriteArrayList<>();

  /** Notes what it is given, in order; the file is gone or refused once the next one comes. */
  private final class Fake implements Deliveries {
    final BlockingQueue<String> delivered = new LinkedBlockingQueue<>();
    final CountDownLatch followed = new CountDownLatch(2);
    volatile Map<String, String> running = Map.of();
    volatile Error failure;
    volatile Error thrown;

    @Override
    public Path folder() {
      return plugins;
    }

    @Override
    public String deliver(Path jar) {
      Error now = thrown;
      if (now != null) {
        thrown = null;
        delivered.add(jar.getFileName().toString());
        throw now;
      }
      try {
        PluginJar.read(jar, Jars.sha256(jar), jar.toString());
        delivered.add(jar.getFileName().toString());
        return "installed";
      } catch (RigException e) {
        delivered.add("refused " + jar.getFileName());
        throw e;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Map<String, String> catchUp() {
      followed.countDown();
      if (failure != null) {
        throw failure;
      }
      return running;
    }

    @Override
    public Followers followers() {
      return followers;
    }
  }

  @Before
  public void make() throws Exception {
    plugins = folder.getRoot().toPath().resolve("plugins");
    inbox = plugins.resolve("inbox");
    followers = new Followers(plugins);
  }

  private Path jar(String name) throws Exception {
    return Jars.in(folder.getRoot().toPath()).write(name);
  }

  private String next() throws Exception {
    String next = fake.delivered.poll(SECONDS, TimeUnit.SECONDS);
    assertNotNull("nothing was delivered", next);
    return next;
  }

  private void drop(String name) throws Exception {
    Files.move(jar(name), inbox.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  public void takesWhatIsDroppedAndWhatLayThere() throws Exception {
    Files.createDirectories(inbox);
    drop("before.jar");
    Inbox box = new Inbox(fake, noticed::add, SOON, NEVER);
    try {
      assertEquals("before.jar", next());
      drop("moved.jar");
      assertEquals("moved.jar", next());
      Files.copy(jar("copied.jar"), inbox.resolve("copied.jar"));
      assertEquals("copied.jar", next());
      // The same name once more is another drop.
      drop("moved.jar");
      assertEquals("moved.jar", next());
    } finally {
      box.close();
    }
    try (var left = Files.list(inbox)) {
      assertEquals(0, left.count());
    }
    assertFalse(Files.exists(plugins.resolve("refused")));
  }

  @Test
  public void waitsUntilAJarIsWhole() throws Exception {
    Inbox box = new Inbox(fake, noticed::add, SOON, NEVER);
    try {
      byte[] bytes = Files.readAllBytes(jar("slow.jar"));
      try (OutputStream out = Files.newOutputStream(inbox.resolve("slow.jar"))) {
        out.write(bytes, 0, bytes.length / 2);
        out.flush();
        // Others are taken meanwhile; names that are no jar's, and hidden ones, are left alone.
        Files.writeString(inbox.resolve("readme.txt"), "x");
        Files.copy(jar("hidden.jar"), inbox.resolve(".hidden.jar"));
        drop("fast.jar");
        assertEquals("fast.jar", next());
        out.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
      }
      assertEquals("slow.jar", next());
    } finally {
      box.close();
    }
    assertTrue(fake.delivered.isEmpty());
    assertTrue(Files.exists(inbox.resolve("readme.txt")));
    assertTrue(Files.exists(inbox.resolve(".hidden.jar")));
  }

  @Test
  public void saysWhyItRefuses() throws Exception {
    Inbox box = new Inbox(fake, noticed::add, SOON, SOON);
    try {
      Files.writeString(inbox.resolve("text.jar"), "no jar");
      assertEquals("refused text.jar", next());
      byte[] bytes = Files.readAllBytes(jar("half.jar"));
      Files.write(inbox.resolve("half.jar"), Arrays.copyOf(bytes, bytes.length / 2));
      assertEquals("refused half.jar", next());
    } finally {
      box.close(); // waits for what it is at
    }
    for (String name : new String[] {"text.jar", "half.jar"}) {
      Path refused = plugins.resolve("refused").resolve(name);
      assertTrue(Files.exists(refused));
      assertFalse(Files.exists(inbox.resolve(name)));
      String why = Files.readString(refused.resolveSibling(name + ".txt"));
      assertEquals(1, why.lines().count());
      assertTrue(why, why.contains(" is not a jar: "));
      assertTrue(
          noticed.toString(), noticed.contains("inbox: " + name + " was refused: " + why.strip()));
    }
    assertEquals(2, noticed.size());
    RefusedJars refused = new RefusedJars(plugins.resolve("refused"));
    String summary = refused.summary().orElseThrow();
    assertTrue(summary, summary.startsWith("half.jar was refused: "));
    assertTrue(summary, summary.contains("; text.jar was refused: "));
    InboxHealth health = new InboxHealth(fake);
    assertEquals(List.of(new Health.Check("inbox", Health.Status.WARN, summary)), health.checks());
    for (String name : new String[] {"text.jar", "half.jar"}) {
      Files.delete(refused.folder().resolve(name));
    }
    assertEquals(Optional.empty(), refused.summary());
    assertEquals(List.of(), health.checks());
  }

  @Test
  public void followsRecordsThatOthersChange() throws Exception {
    Inbox box = new Inbox(fake, noticed::add, SOON, NEVER);
    try {
      Files.writeString(plugins.resolve("com.example.gate.json"), "{}");
      assertTrue(fake.followed.await(SECONDS, TimeUnit.SECONDS));
    } finally {
      box.close();
    }
  }

  @Test
  public void goesOnWhateverIsThrown() throws Exception {
    fake.failure = new NoSuchMethodError("of a plugin");
    Inbox box = new Inbox(fake, noticed::add, SOON, NEVER);
    try {
      fake.thrown = new StackOverflowError();
      drop("deep.jar");
      assertEquals("deep.jar", next());
      drop("a.jar");
      assertEquals("a.jar", next());
      Files.writeString(plugins.resolve("com.example.gate.json"), "{}");
      assertTrue(fake.followed.await(SECONDS, TimeUnit.SECONDS));
    } finally {
      box.close();
    }
    assertTrue(
        noticed.toString(), noticed.get(0).contains("internal error: java.lang.StackOverfl"));
  }

  @Test
  public void oneOfTwoLooksAfterIt() throws Exception {
    Inbox first = new Inbox(fake, noticed::add, SOON, NEVER);
    Fake other = new Fake();
    Inbox second;
    try {
      drop("a.jar");
      assertEquals("a.jar", next());
      second = new Inbox(other, noticed::add, SOON, NEVER);
      drop("b.jar");
      assertEquals("b.jar", next());
      assertTrue(other.delivered.isEmpty());
    } finally {
      first.close();
    }
    try {
      drop("c.jar");
      assertEquals("c.jar", other.delivered.poll(SECONDS, TimeUnit.SECONDS));
    } finally {
      second.close();
    }
    assertTrue(fake.delivered.isEmpty());
  }
}
