package org.riglab.shell.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.CommandProxy;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.base.RemoteFiles;
import org.slf4j.LoggerFactory;

/** A real Gogo session with some commands. */
final class Shell implements AutoCloseable {
  static {
    // Without a provider SLF4J prints warnings, once: not into what a command prints.
    LoggerFactory.getILoggerFactory();
  }

  private final ThreadIOImpl threadIO = new ThreadIOImpl();
  private final CommandProcessorImpl processor;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CommandSession session;

  Shell(Path directory, Command... commands) {
    threadIO.start();
    processor = new CommandProcessorImpl(threadIO);
    for (Command command : commands) {
      processor.addCommand("rig", new CommandProxy(command, command.name()), command.name());
    }
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    session = processor.createSession(new ByteArrayInputStream(new byte[] {1, 2, 3}), out, out);
    session.currentDir(directory);
  }

  CommandSession session() {
    return session;
  }

  /**
   * Makes the session that of a remote user, as SSH does.
   *
   * @param home of the server
   * @return the directory of the files that the user may name
   */
  Path confine(Path home) throws IOException {
    Path files = Files.createDirectories(home.resolve("files"));
    session.currentDir(files);
    session.put(NamedFiles.CONFINED, RemoteFiles.of(home));
    return files;
  }

  /**
   * @return what the line printed
   */
  String run(String line) throws Exception {
    bytes.reset();
    session.execute(line);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /**
   * @return the message with which the line failed
   */
  String error(String line) throws Exception {
    return failure(line).getMessage();
  }

  /**
   * @return how the line failed
   */
  RigException failure(String line) throws Exception {
    try {
      run(line);
    } catch (RigException e) {
      return e;
    }
    throw new AssertionError(line + " did not fail");
  }

  /**
   * @return what the line printed before it failed
   */
  String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    session.close();
    processor.stop();
    threadIO.stop();
  }
}
