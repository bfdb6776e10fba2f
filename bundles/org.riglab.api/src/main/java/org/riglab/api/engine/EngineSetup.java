package org.riglab.api.engine;

import java.nio.file.Path;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Installs a CUDA build of the engine for this home, or goes back to the CPU. Each method checks
 * first and writes {@code config/engine.json} of the home last; on failure the home stays as it
 * was. A process reads the file when it starts, so processes that run keep their engine.
 */
@ProviderType
public interface EngineSetup {
  /**
   * Fetches libtorch and CUDA's libraries from Maven repositories, as Maven is configured for this
   * user. A fetch that was interrupted goes on where it was. Nothing is fetched where the folder
   * holds this engine already.
   *
   * @param directory folder of engines, which homes may share; empty for the home's {@code engine}
   * @param watcher is told how far it is
   * @return the engine
   * @throws org.riglab.api.RigException of kind UNAVAILABLE if a repository or the platform does
   *     not have it, INVALID if a file's digest is wrong, NO_SPACE if the disk is too small, BUSY
   *     if another process sets up the same folder
   */
  EngineInfo fetch(Optional<Path> directory, Watcher watcher);

  /**
   * Uses the torch of a Python environment.
   *
   * @param python the environment's interpreter
   * @return the engine
   * @throws org.riglab.api.RigException if it has no torch, or not the one that is needed; says
   *     which that is
   */
  EngineInfo python(Path python);

  /**
   * Uses an unpacked libtorch.
   *
   * @param libtorch the folder that holds {@code lib/libtorch.so}, or that file
   * @return the engine
   * @throws org.riglab.api.RigException if it is not the libtorch that is needed; says which that
   *     is
   */
  EngineInfo libtorch(Path libtorch);

  /**
   * Uses the engine for the CPU that is part of the distribution.
   *
   * @return the engine
   */
  EngineInfo cpu();

  /** Watches a fetch. */
  @ConsumerType
  interface Watcher {
    /**
     * @param line something worth telling
     */
    void message(String line);

    /**
     * @param task what is done now, in a word
     * @param done bytes so far, of all files
     * @param total bytes of all files
     */
    void progress(String task, long done, long total);
  }
}
