package org.riglab.ssh.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.riglab.api.RigException;

/** The host key, by which clients identify this server. */
final class HostKey {
  private static final Set<PosixFilePermission> OWNER =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);
  private static final int ED25519_BITS = 256;

  private HostKey() {}

  /**
   * Reads the key, or makes it, once and for good.
   *
   * @param file in OpenSSH's format, readable by its owner only
   * @return the key
   * @throws RigException if the file is broken or others may read it
   */
  static KeyPair of(Path file) {
    try {
      if (!Files.exists(file)) {
        make(file);
      }
      if (!OWNER.containsAll(Files.getPosixFilePermissions(file))) {
        throw new RigException(
            file + " may be read by others: chmod 600, or remove it for a new key");
      }
      try (InputStream in = Files.newInputStream(file)) {
        Iterable<KeyPair> keys =
            SecurityUtils.loadKeyPairIdentities(
                null, NamedResource.ofName(file.toString()), in, null);
        if (keys != null && keys.iterator().hasNext()) {
          return keys.iterator().next();
        }
      }
      throw new RigException(file + " holds no key: remove it for a new one");
    } catch (IOException | GeneralSecurityException e) {
      throw new RigException("cannot read or make the host key " + file + ": " + e, e);
    }
  }

  private static void make(Path file) throws IOException, GeneralSecurityException {
    KeyPair pair = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, ED25519_BITS);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "riglab", null, bytes);
    Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      Files.createFile(
          temporary,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(temporary, bytes.toByteArray());
      Files.move(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
