package org.riglab.ssh.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.access.Role;
import org.slf4j.LoggerFactory;

public final class AuthorizedKeysTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Path file;
  private AuthorizedKeys keys;

  @Before
  public void listen() {
    log.start();
    logger().addAppender(log);
    file = folder.getRoot().toPath().resolve("authorized_keys");
    keys = new AuthorizedKeys(file);
  }

  @After
  public void hush() {
    logger().detachAppender(log);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(AuthorizedKeys.class);
  }

  private static KeyPair pair(String type, int bits) throws Exception {
    return KeyUtils.generateKeyPair(type, bits);
  }

  private static String line(KeyPair pair) {
    return PublicKeyEntry.toString(pair.getPublic());
  }

  @Test
  public void everyTypeAndRole() throws Exception {
    KeyPair ed25519 = pair("ssh-ed25519", 256);
    KeyPair ecdsa = pair("ecdsa-sha2-nistp256", 256);
    KeyPair rsa = pair("ssh-rsa", 2048);
    Files.writeString(
        file,
        "# a comment\n\nrole=\"admin\" "
            + line(ed25519)
            + " me@here, with words\n  role=\"operator\"\t"
            + line(ecdsa)
            + "\r\n"
            + line(rsa)
            + " no role");
    assertEquals(Optional.of(Role.ADMIN), keys.role(ed25519.getPublic()));
    assertEquals(Optional.of(Role.OPERATOR), keys.role(ecdsa.getPublic()));
    assertEquals(Optional.of(Role.VIEWER), keys.role(rsa.getPublic()));
    assertEquals(Optional.empty(), keys.role(pair("ssh-ed25519", 256).getPublic()));
    assertEquals(3, keys.count());
  }

  @Test
  public void badLinesAreNamedAndTheOthersHold() throws Exception {
    KeyPair good = pair("ssh-ed25519", 256);
    String other = line(pair("ssh-ed25519", 256));
    String[] bad = {
      "role=\"root\" " + other,
      "role=admin " + other,
      "role=\"viewer\",role=\"admin\" " + other,
      "role=\"admin\",no-pty " + other,
      "from=\"10.0.0.0/8\" " + other,
      "command=\"list\" " + other,
      "cert-authority " + other,
      "restrict " + other,
      "ROLE=\"admin\" " + other,
      "role=\"admin\"" + other,
      other.substring(0, 40),
      other.replace("ssh-ed25519", "ssh-rsa"),
      "ssh-ed25519",
      "ssh-ed25519 \u001b[31mred",
      line(pair("ssh-rsa", 1024)),
      line(good),
    };
    Files.writeString(file, "role=\"operator\" " + line(good) + "\n" + String.join("\n", bad));
    assertEquals(1, keys.count());
    assertEquals(Optional.of(Role.OPERATOR), keys.role(good.getPublic()));
    List<String> warnings =
        log.list.stream()
            .map(ILoggingEvent::getFormattedMessage)
            .filter(m -> m.contains("is left out"))
            .toList();
    assertEquals(bad.length, warnings.size());
    for (int i = 0; i < bad.length; i++) {
      assertTrue(
          warnings.get(i),
          warnings.get(i).startsWith(file + ", line " + (i + 2) + " is left out: "));
      assertTrue(warnings.get(i).chars().noneMatch(c -> c < ' ' || c == 0x7f));
    }
    assertTrue(warnings.get(15), warnings.get(15).endsWith("the key is already on line 1"));
    assertTrue(warnings.get(14), warnings.get(14).endsWith("RSA keys need 2048 bits"));
  }

  @Test
  public void changesHoldAtOnceAndAreLoggedOnce() throws Exception {
    KeyPair pair = pair("ssh-ed25519", 256);
    assertEquals(Optional.empty(), keys.role(pair.getPublic()));
    Files.writeString(file, "role=\"admin\" " + line(pair));
    var time = Files.getLastModifiedTime(file);
    assertEquals(Optional.of(Role.ADMIN), keys.role(pair.getPublic()));
    // Neither length nor time say that something changed.
    Files.writeString(file, "role=\"adnin\" " + line(pair));
    Files.setLastModifiedTime(file, time);
    assertEquals(Optional.empty(), keys.role(pair.getPublic()));
    assertEquals(Optional.empty(), keys.role(pair.getPublic()));
    Files.delete(file);
    assertEquals(Optional.empty(), keys.role(pair.getPublic()));
    assertEquals(
        List.of(
            file + " does not exist: nobody is let in",
            "keys in " + file + ": 1",
            file
                + ", line 1 is left out: there is no such role; expected viewer, operator or admin",
            "keys in " + file + ": 0",
            file + " does not exist: nobody is let in",
            "keys in " + file + ": 0"),
        log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
  }

  @Test
  public void aFileThatOthersWriteLetsNobodyIn() throws Exception {
    KeyPair pair = pair("ssh-ed25519", 256);
    Files.writeString(file, line(pair));
    for (String mode : List.of("rw-rw-r--", "rw-r--rw-")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      assertEquals(mode, Optional.empty(), keys.role(pair.getPublic()));
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(Optional.of(Role.VIEWER), keys.role(pair.getPublic()));
  }
}
