package org.riglab.spark.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Exporter;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.spark.job.Request;

/** What a driver reads, in a directory of the home that ends with the job. */
final class JobDirectory implements AutoCloseable {
  private final String id = UUID.randomUUID().toString();
  private final Path path;

  JobDirectory(Path home) {
    path = home.toAbsolutePath().resolve("spark/job-" + id);
  }

  String id() {
    return id;
  }

  Path path() {
    return path;
  }

  /** Writes the network; returns its file. */
  Path export(Exporter exporter, Blueprint network) {
    Path file = path.resolve(Request.NETWORK);
    AtomicFile.write(file, out -> exporter.write(network, "torchscript", false, List.of(), out));
    return file;
  }

  /** Properties of Spark may have passwords in them. */
  void write(Request request) {
    AtomicFile.writeSecret(path.resolve(Request.FILE), request.text());
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(path.resolve(Request.NETWORK));
      Files.deleteIfExists(path.resolve(Request.FILE));
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw FileFailures.writing(path, e);
    }
  }
}
