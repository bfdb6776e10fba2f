package org.riglab.networks.bulk;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.ProcessLock;

/**
 * The output directory of a job. Each process appends the images that it has finished to a file of
 * its own in {@code job}; the end of a job makes one table of them.
 */
public final class BulkFolder {
  private static final String FINISHED = "finished.jsonl";
  private static final String PART = "part-";
  private static final String SUFFIX = ".png";

  private final Path output;
  private final Path labels;
  private final Path job;

  /**
   * @param output the directory; need not exist
   */
  public BulkFolder(Path output) {
    this.output = output.toAbsolutePath().normalize();
    this.labels = this.output.resolve("labels");
    this.job = this.output.resolve("job");
  }

  /**
   * @return the directory for what is only needed while a job runs
   */
  public Path job() {
    return job;
  }

  /**
   * @param settings of a job
   * @throws RigException CONFLICT if the directory belongs to another one
   */
  public void check(BulkSettings settings) {
    Path file = job.resolve("settings.json");
    if (!Files.exists(file)) {
      if (Files.exists(output) && !Files.isDirectory(output)) {
        throw new RigException(RigException.Kind.CONFLICT, output + " is not a directory");
      }
      return;
    }
    try {
      if (!Files.readString(file).strip().equals(settings.text())) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            output
                + " has label maps of another network or of other options; use another --output");
      }
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /**
   * Takes the directory for a job, which may be the continuation of one.
   *
   * @param settings of the job
   * @return the directory, taken until this is closed
   * @throws RigException as {@link #check}, and BUSY if another job has the directory
   */
  public ProcessLock begin(BulkSettings settings) {
    check(settings);
    Optional<ProcessLock> lock = ProcessLock.tryTake(job, "output", "a prediction");
    if (lock.isEmpty()) {
      throw new RigException(
          RigException.Kind.BUSY, "another prediction writes to %s".formatted(output));
    }
    boolean taken = false;
    try {
      AtomicFile.writeText(job.resolve("settings.json"), settings.text() + "\n");
      taken = true;
      return lock.get();
    } finally {
      if (!taken) {
        lock.get().close();
      }
    }
  }

  /**
   * @return the images that are finished, by name; their label maps exist
   */
  public Map<String, Scored> finished() {
    Map<String, Scored> finished = new TreeMap<>();
    if (Files.isDirectory(job)) {
      try (Stream<Path> files = Files.list(job)) {
        for (Path file : files.sorted().toList()) {
          String name = file.getFileName().toString();
          if (name.equals(FINISHED) || name.startsWith(PART)) {
            read(file, finished);
          }
        }
      } catch (IOException e) {
        throw FileFailures.reading(job, e);
      }
    }
    finished.keySet().removeIf(image -> !Files.exists(labelMap(image)));
    return finished;
  }

  private static void read(Path file, Map<String, Scored> finished) {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Optional<Scored> scored = Scored.parse(line);
        scored.ifPresent(image -> finished.put(image.image(), image));
      }
    } catch (MalformedInputException e) {
      return; // the end of a file whose process was killed
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /**
   * @param image name of an image, which may have folders
   * @return its label map's file
   * @throws RigException if the name leads out of the directory
   */
  public Path labelMap(String image) {
    boolean named = !image.isEmpty() && image.indexOf('\0') < 0;
    Path file = labels.resolve((named ? image : "") + SUFFIX).normalize();
    if (!named || !file.startsWith(labels)) {
      throw new RigException("'%s' is not the name of an image".formatted(image));
    }
    return file;
  }

  /**
   * @return a file for the images that one process finishes; to be closed
   */
  public Part part() {
    Path file = job.resolve(PART + UUID.randomUUID() + ".jsonl");
    try {
      return new Part(file, Files.newBufferedWriter(file));
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    }
  }

  /** Receives the images that one process finishes. */
  public static final class Part implements Closeable {
    private final Path file;
    private final BufferedWriter out;

    private Part(Path file, BufferedWriter out) {
      this.file = file;
      this.out = out;
    }

    /**
     * @param image its label map is written
     */
    public void add(Scored image) {
      try {
        out.write(image.line());
        out.write('\n');
        out.flush();
      } catch (IOException e) {
        throw FileFailures.writing(file, e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw FileFailures.writing(file, e);
      }
    }
  }

  /**
   * Writes the tables of a job that has come to its end.
   *
   * @param classes names of the columns
   * @param failed reasons by name of an image
   */
  public void finish(ClassTable classes, Map<String, String> failed) {
    Map<String, Scored> finished = finished();
    failed = new TreeMap<>(failed);
    write(job.resolve(FINISHED), finished.values().stream().map(Scored::line));
    write(
        output.resolve("scores.csv"),
        Stream.concat(
            Stream.of(Scored.header(classes)), finished.values().stream().map(Scored::row)));
    Path failures = output.resolve("failed.csv");
    if (!failed.isEmpty()) {
      write(
          failures,
          Stream.concat(
              Stream.of("image,reason"),
              failed.entrySet().stream()
                  .map(e -> Scored.quoted(e.getKey()) + "," + Scored.quoted(e.getValue()))));
    }
    try {
      if (failed.isEmpty()) {
        Files.deleteIfExists(failures);
      }
      try (Stream<Path> files = Files.list(job)) {
        for (Path file : files.toList()) {
          if (file.getFileName().toString().startsWith(PART)) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException e) {
      throw FileFailures.writing(job, e);
    }
  }

  private static void write(Path file, Stream<String> lines) {
    AtomicFile.write(
        file,
        out -> {
          Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          for (String line : (Iterable<String>) lines::iterator) {
            text.write(line);
            text.write('\n');
          }
          text.flush();
        });
  }
}
