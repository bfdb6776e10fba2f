package org.riglab.shell.internal;

import java.nio.file.Path;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.base.RemoteFiles;

/** Files as users name them: relative to the directory of their session. */
final class NamedFiles {
  /** Variable of a session whose user may name files of {@link RemoteFiles} only. */
  static final String CONFINED = "riglab.files";

  /** Variable of a session whose user may name no files. */
  static final String NONE = "riglab.nofiles";

  private NamedFiles() {}

  /**
   * @param session of the user
   * @param name of a file or directory
   * @return where it is
   * @throws RigException DENIED if the user may not name it
   */
  static Path resolve(CommandSession session, String name) {
    if (Boolean.TRUE.equals(session.get(NONE))) {
      throw new RigException(
          RigException.Kind.DENIED, "a viewer may not name files; name what the server has");
    }
    return session.get(CONFINED) instanceof RemoteFiles files
        ? files.named(name)
        : session.currentDir().resolve(name).normalize();
  }

  /**
   * @param session of the user
   * @param option of a training or evaluation
   * @param value of the option
   * @return the value; the name of a file becomes absolute, since runs start elsewhere
   */
  static String option(CommandSession session, String option, String value) {
    boolean file =
        switch (option.replace('-', '_')) {
          case "data" -> !value.isEmpty();
          case "recipe", "coarse" -> value.endsWith(".json");
          default -> false;
        };
    return file ? resolve(session, value).toString() : value;
  }
}
