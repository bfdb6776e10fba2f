package org.riglab.networks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;

/**
 * Tells a network from others that had its name before. A network gets its identity when it is
 * assembled and keeps it until it is discarded or replaced; those of older versions have none.
 */
public final class NetworkIdentity {
  /** The file in a network's directory. */
  public static final String FILE = "identity";

  private NetworkIdentity() {}

  /**
   * @param directory of a network
   * @return its identity; empty if it has none
   * @throws org.riglab.api.RigException if it cannot be read
   */
  public static String of(Path directory) {
    Path file = directory.resolve(FILE);
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "";
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /**
   * Gives a network a new identity.
   *
   * @param directory of the network
   * @throws org.riglab.api.RigException if it cannot be written
   */
  public static void renew(Path directory) {
    AtomicFile.writeText(directory.resolve(FILE), UUID.randomUUID() + "\n");
  }
}
