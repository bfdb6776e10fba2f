package org.riglab.ssh.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.DSAPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.riglab.api.access.Role;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authorised keys, in the format of OpenSSH with one option of Riglab: {@code role="operator"
 * ssh-ed25519 AAAA... comment}. The default role is viewer. The file is read again when it has
 * changed, at every check of a key, so that a removed key is rejected at once.
 *
 * <p>A line with an option of OpenSSH is refused, since its restriction would not be applied.
 */
final class AuthorizedKeys {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorizedKeys.class);
  private static final Pattern LINE =
      Pattern.compile(
          "(?:role=\"(?<role>[a-z]*)\"[ \\t]+)?"
              + "(?<key>(?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+[ \\t]+[A-Za-z0-9+/]+={0,3})(?:[ \\t].*)?");
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
  private static final int RSA_BITS = 2048;
  private static final int LARGEST = 1 << 20;

  private final Path file;
  private byte[] read = {};
  private Map<String, Entry> keys = Map.of();
  private String complaint = "";

  private record Entry(PublicKey key, Role role, int line) {}

  /**
   * @param file need not exist
   */
  AuthorizedKeys(Path file) {
    this.file = file;
  }

  /**
   * @param key of a client
   * @return its role; empty if it is not let in
   */
  synchronized Optional<Role> role(PublicKey key) {
    refresh();
    Entry entry = keys.get(fingerprint(key));
    return entry != null && KeyUtils.compareKeys(entry.key(), key)
        ? Optional.of(entry.role())
        : Optional.empty();
  }

  /**
   * @return how many keys are let in
   */
  synchronized int count() {
    refresh();
    return keys.size();
  }

  /**
   * @param key any
   * @return as {@code ssh-keygen -l} prints it, for example SHA256:...
   */
  static String fingerprint(PublicKey key) {
    return KeyUtils.getFingerPrint(key);
  }

  private void refresh() {
    byte[] bytes = {};
    try {
      if (Files.size(file) > LARGEST) {
        complain("is larger than 1 MiB");
      } else if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
        complain("may be written by others; no key is let in until chmod go-w");
      } else {
        bytes = Files.readAllBytes(file);
        complaint = "";
      }
    } catch (NoSuchFileException e) {
      complain("does not exist: nobody is let in");
    } catch (IOException e) {
      complain("cannot be read: " + e);
    }
    if (!Arrays.equals(bytes, read)) {
      read = bytes;
      keys = parse(new String(bytes, StandardCharsets.UTF_8));
      LOG.info("keys in {}: {}", file, keys.size());
    }
  }

  private void complain(String what) {
    if (!complaint.equals(what)) {
      complaint = what;
      LOG.warn("{} {}", file, what);
    }
  }

  private Map<String, Entry> parse(String text) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    int number = 0;
    for (String line : text.split("\\R", -1)) {
      number++;
      if (line.isBlank() || line.strip().startsWith("#")) {
        continue;
      }
      try {
        Entry entry = entry(line.strip(), number);
        Entry other = entries.putIfAbsent(fingerprint(entry.key()), entry);
        if (other != null) {
          throw new IllegalArgumentException("the key is already on line " + other.line());
        }
      } catch (IllegalArgumentException e) {
        LOG.warn("{}, line {} is left out: {}", file, number, e.getMessage());
      }
    }
    return entries;
  }

  private static Entry entry(String line, int number) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not of the form [role=\"viewer|operator|admin\"] TYPE KEY [COMMENT]");
    }
    PublicKey key;
    try {
      key =
          PublicKeyEntry.parsePublicKeyEntry(matcher.group("key"))
              .resolvePublicKey(null, Map.of(), PublicKeyEntryResolver.FAILING);
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // Not its message: it may hold what was on the line.
      throw new IllegalArgumentException("the key is broken or of an unknown type", e);
    }
    if (key instanceof DSAPublicKey) {
      throw new IllegalArgumentException("DSA keys are too weak");
    }
    if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < RSA_BITS) {
      throw new IllegalArgumentException("RSA keys need " + RSA_BITS + " bits");
    }
    String role = matcher.group("role");
    for (Role known : Role.values()) {
      if (role == null ? known == Role.VIEWER : known.word().equals(role)) {
        return new Entry(key, known, number);
      }
    }
    throw new IllegalArgumentException("there is no such role; expected viewer, operator or admin");
  }
}
