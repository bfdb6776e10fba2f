package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions on the disk, readable by the owner only: {@code {DIGEST: [TOKEN ID, BEGAN, USED]}}, in
 * milliseconds of the wall clock. Neither cookies nor tokens can be derived from it.
 *
 * @param path of the file; null for none
 */
record SessionFile(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(SessionFile.class);
  private static final int FIELDS = 3;

  /**
   * A session.
   *
   * @param token id of its token
   * @param began by the clock of the process
   * @param used by the clock of the process
   */
  record Entry(String token, long began, long used) {}

  /**
   * @param now by the clock of the process
   * @return sessions by digest; none if the file is missing or damaged, so that users must sign in
   *     again
   */
  Map<String, Entry> read(long now) {
    Map<String, Entry> entries = new HashMap<>();
    if (path == null) {
      return entries;
    }
    long shift = now - System.currentTimeMillis();
    try {
      Json.readIfExists(path)
          .orElse(Map.of())
          .forEach(
              (digest, value) -> {
                if (value instanceof List<?> fields
                    && fields.size() == FIELDS
                    && fields.get(0) instanceof String token
                    && fields.get(1) instanceof Long began
                    && fields.get(2) instanceof Long used) {
                  // A clock that was set back does not make a session last longer.
                  entries.put(
                      digest,
                      new Entry(token, Math.min(now, began + shift), Math.min(now, used + shift)));
                }
              });
    } catch (RigException e) {
      LOG.warn("{} cannot be read: everybody signs in again", path, e);
    }
    return entries;
  }

  /**
   * @param entries by digest
   * @param now by the clock of the process
   */
  void write(Map<String, Entry> entries, long now) {
    if (path == null) {
      return;
    }
    long shift = System.currentTimeMillis() - now;
    Map<String, Object> json = new LinkedHashMap<>();
    entries.forEach(
        (digest, entry) ->
            json.put(digest, List.of(entry.token(), entry.began() + shift, entry.used() + shift)));
    try {
      Files.createDirectories(path.getParent());
      Json.write(path, json);
      if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      }
    } catch (IOException | RigException e) {
      LOG.warn("{} cannot be written: a restart ends the sessions", path, e);
    }
  }
}
