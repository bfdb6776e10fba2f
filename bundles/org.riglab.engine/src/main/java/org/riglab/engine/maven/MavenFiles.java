package org.riglab.engine.maven;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.engine.EngineSetup;

/** Fetches files from the Maven repositories of this user's settings. Thread safe. */
@ProviderType
public interface MavenFiles {
  /**
   * Brings files into a folder. Files that are there already, or in the local repository, are not
   * fetched; an interrupted download is resumed.
   *
   * @param files what to fetch
   * @param folder where they go; made if need be
   * @param watcher receives the progress
   * @throws org.riglab.api.RigException UNAVAILABLE if no repository has a file, INVALID if a
   *     file's digest is wrong, NO_SPACE if the disk is too small
   */
  void fetch(List<MavenFile> files, Path folder, EngineSetup.Watcher watcher);
}
