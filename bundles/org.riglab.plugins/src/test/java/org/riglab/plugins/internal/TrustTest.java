package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class TrustTest {
  @ClassRule public static final TemporaryFolder FOLDER = new TemporaryFolder();
  private static Path folder;
  private static Path trusted;
  private static Path alice;
  private static Path mallory;

  @BeforeClass
  public static void makeKeys() throws Exception {
    folder = FOLDER.getRoot().toPath();
    alice = Jars.key(folder, "alice");
    mallory = Jars.key(folder, "mallory");
    trusted = Files.createDirectories(folder.resolve("trusted"));
    Files.copy(folder.resolve("alice.pem"), trusted.resolve("alice.pem"));
  }

  private static Trust trust(String mode, String... digests) {
    return new Trust(mode, Set.of(digests), trusted, Clock.systemUTC());
  }

  private static String refused(Trust trust, Path jar) throws Exception {
    PluginJar read = Jars.read(jar);
    String line = assertThrows(RigException.class, () -> trust.check(read, true)).getMessage();
    assertEquals(line, 1, line.lines().count());
    return line;
  }

  private static String damaged(Path jar) {
    return assertThrows(RigException.class, () -> Jars.read(jar)).getMessage();
  }

  @Test
  public void anybodysJarUnlessTold() throws Exception {
    PluginJar jar = Jars.read(Jars.in(folder).write("plain.jar"));
    assertEquals("any jar is trusted: trust is off", trust("off").check(jar, true));
    assertEquals(
        "configuration org.riglab.plugins: trust is 'of'; it must be off, digests or"
            + " certificates",
        assertThrows(RigException.class, () -> trust("of").check(jar, true)).getMessage());
  }

  @Test
  public void trustsDigests() throws Exception {
    Path jar = Jars.in(folder).write("digest.jar");
    String sha256 = Jars.sha256(jar);
    assertEquals(
        "its SHA-256 is among the configured digests",
        trust("digests", "00".repeat(32), sha256).check(Jars.read(jar), true));
    assertEquals(
        "plugin com.example.gate 1.0.0 is not trusted: its SHA-256 "
            + sha256
            + " is not among the configured digests",
        refused(trust("digests", "00".repeat(32)), jar));
    // A digest that is none is a mistake that nobody should have to find.
    assertEquals(
        "configuration org.riglab.plugins: 'abc' is not a SHA-256; expected 64 hexadecimal"
            + " digits",
        refused(trust("digests", "abc", sha256), jar));
  }

  @Test
  public void trustsSigners() throws Exception {
    Path plain = Jars.in(folder).write("a.jar");
    Trust trust = trust("certificates");
    String why = trust.check(Jars.read(Jars.sign(plain, alice, "signed.jar")), true);
    assertTrue(why, why.startsWith("all of it is signed by CN=alice (SHA-256 "));

    String unsigned = refused(trust, plain);
    assertTrue(
        unsigned,
        unsigned.startsWith("plugin com.example.gate 1.0.0 is not trusted: ")
            && unsigned.endsWith(" in it is not signed"));
    String stranger = refused(trust, Jars.sign(plain, mallory, "mallory.jar"));
    assertTrue(stranger, stranger.contains(" in it is signed by CN=mallory (SHA-256 "));
    assertTrue(stranger, stranger.endsWith("whose certificate is not in " + trusted));
    // Whoever signs it too does no harm.
    trust.check(Jars.read(Jars.sign(folder.resolve("mallory.jar"), alice, "both.jar")), true);
  }

  @Test
  public void refusesWhatWasChangedAfterwards() throws Exception {
    Path signed = Jars.sign(Jars.in(folder).write("b.jar"), alice, "b-signed.jar");
    Trust trust = trust("certificates");
    String name = "com/example/Gate.class";
    byte[] other = Jars.classFile(60, 0);

    // Changed, and left out: whatever the configuration.
    String changed = damaged(Jars.tamper(signed, name, other, "changed.jar"));
    assertTrue(changed, changed.startsWith("changed.jar was changed after it was signed: "));
    assertEquals(
        "less.jar was changed after it was signed: " + name + " is missing",
        damaged(Jars.tamper(signed, name, null, "less.jar")));

    // Added: signed in part.
    Path more = Jars.tamper(signed, "com/example/More.class", other, "more.jar");
    assertEquals(
        "plugin com.example.gate 1.0.0 is not trusted: com/example/More.class in it is not signed",
        refused(trust, more));
    // What looks like part of a signature, but is in the wrong place.
    Path hidden = Jars.tamper(signed, "META-INF/more/X.SF", other, "hidden.jar");
    assertEquals(
        "plugin com.example.gate 1.0.0 is not trusted: META-INF/more/X.SF in it is not signed",
        refused(trust, hidden));
    // Added and signed by somebody else.
    String foreign = refused(trust, Jars.sign(more, mallory, "foreign.jar"));
    assertTrue(foreign, foreign.contains("More.class in it is signed by CN=mallory"));

    // The signature taken off: an unsigned jar.
    Path off = signed;
    for (String part : new String[] {"SF", "EC"}) {
      String block =
          new java.util.zip.ZipFile(off.toFile())
              .stream().map(e -> e.getName()).filter(n -> n.endsWith("." + part)).findFirst().get();
      off = Jars.tamper(off, block, null, "off-" + part + ".jar");
    }
    assertTrue(refused(trust, off), refused(trust, off).endsWith(" in it is not signed"));
  }

  @Test
  public void certificatesExpireForWhatIsNewOnly() throws Exception {
    PluginJar jar = Jars.read(Jars.sign(Jars.in(folder).write("c.jar"), alice, "c-signed.jar"));
    Trust later =
        new Trust(
            "certificates",
            Set.of(),
            trusted,
            Clock.offset(Clock.systemUTC(), Duration.ofDays(31)));
    String line = assertThrows(RigException.class, () -> later.check(jar, true)).getMessage();
    assertTrue(line, line.contains(": the certificate of CN=alice (SHA-256 "));
    later.check(jar, false);
    Trust earlier =
        new Trust(
            "certificates",
            Set.of(),
            trusted,
            Clock.offset(Clock.systemUTC(), Duration.ofDays(-2)));
    assertThrows(RigException.class, () -> earlier.check(jar, true));
  }

  @Test
  public void withoutReadableCertificatesNobodyIsTrusted() throws Exception {
    Path jar = Jars.sign(Jars.in(folder).write("d.jar"), alice, "d-signed.jar");
    Path none = folder.resolve("none");
    Trust empty = new Trust("certificates", Set.of(), none, Clock.systemUTC());
    assertEquals(
        "no plugin is trusted, as there is no certificate (*.pem, *.crt) in " + none,
        refused(empty, jar));
    Path bad = Files.createDirectories(folder.resolve("bad"));
    Files.copy(
        folder.resolve("alice.pem"), bad.resolve("a.pem"), StandardCopyOption.REPLACE_EXISTING);
    Files.write(bad.resolve("b.pem"), "no certificate".getBytes(StandardCharsets.UTF_8));
    String line = refused(new Trust("certificates", Set.of(), bad, Clock.systemUTC()), jar);
    assertTrue(line, line.startsWith("cannot read the certificate " + bad.resolve("b.pem") + ": "));
  }
}
