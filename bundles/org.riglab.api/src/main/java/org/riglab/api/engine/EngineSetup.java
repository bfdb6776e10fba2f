package org.riglab.api.engine;

import java.nio.file.Path;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Installs a CUDA build of the engine for this home, or returns to the engine for the CPU. Each
 * method performs all checks first and writes {@code config/engine.json} of the home last; on
 * failure the home is unchanged. Processes read the file at startup, so running processes keep
 * their engine.
 */
@ProviderType
public interface EngineSetup {
  /**
   * Downloads libtorch and CUDA's libraries from Maven repositories, with the user's Maven
   * configuration. An interrupted download is resumed. Nothing is downloaded if the folder already
   * contains this engine.
   *
   * @param directory folder of engines, which several homes can share; empty for the home's {@code
   *     engine}
   * @param watcher receives the progress
   * @return the engine
   * @throws org.riglab.api.RigException of kind UNAVAILABLE if it is not available in the
   *     repositories or for the platform, INVALID if a file's digest is wrong, NO_SPACE if the disk
   *     is too small, BUSY if another process sets up the same folder
   */
  EngineInfo fetch(Optional<Path> directory, Watcher watcher);

  /**
   * Uses the torch of a Python environment.
   *
   * @param python the environment's interpreter
   * @return the engine
   * @throws org.riglab.api.RigException if it has no torch, or not the required one; the message
   *     names the required one
   */
  EngineInfo python(Path python);

  /**
   * Uses an unpacked libtorch.
   *
   * @param libtorch the folder that contains {@code lib/libtorch.so}, or that file
   * @return the engine
   * @throws org.riglab.api.RigException if it is not the required libtorch; the message names the
   *     required one
   */
  EngineInfo libtorch(Path libtorch);

  /**
   * Uses the engine for the CPU that is part of the distribution.
   *
   * @return the engine
   */
  EngineInfo cpu();

  /** Receives the progress of a download. */
  @ConsumerType
  interface Watcher {
    /**
     * @param line a message for the user
     */
    void message(String line);

    /**
     * @param task the current task, in one word
     * @param done bytes so far, of all files
     * @param total bytes of all files
     */
    void progress(String task, long done, long total);
  }
}
