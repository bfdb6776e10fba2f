package org.riglab.launcher;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A distribution with a standalone cluster of Spark: a master and two workers on this machine. */
public final class SparkIT {
  private static final int IMAGES = 8;
  private static final int INTERRUPTED = 130;
  private static final int NO_SPACE = 6;
  private static final int UNAVAILABLE = 8;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<Process> processes = new ArrayList<>();
  private final List<Process> workers = new ArrayList<>();
  private Path root;
  private Path user;
  private String[] command;

  @After
  public void end() throws InterruptedException {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    for (Process process : processes) {
      process.waitFor();
    }
  }

  /** The user's Maven has the local repository of this build: nothing is fetched twice. */
  private void user() throws IOException {
    root = folder.getRoot().toPath().toRealPath();
    user = Files.createDirectories(root.resolve("user/.m2")).getParent();
    Path repository =
        Path.of(
            System.getProperty(
                "localRepository", System.getProperty("user.home") + "/.m2/repository"));
    assumeTrue(
        "skipped: Maven has not resolved Spark into " + repository,
        Files.isDirectory(repository.resolve("org/apache/spark/spark-core_2.13")));
    Files.writeString(
        user.resolve(".m2/settings.xml"),
        "<settings><localRepository>%s</localRepository></settings>".formatted(repository));
  }

  private ProcessBuilder rig(Path log, String... words) {
    List<String> command = new ArrayList<>();
    // The children of a background job may ignore Ctrl-C.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(ScratchDistribution.built().resolve("bin/rig").toString());
    command.addAll(List.of("--home", root.resolve("home").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("RIG_JAVA_OPTS", "-Duser.home=" + user);
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().remove("SPARK_HOME");
    return builder;
  }

  private String run(int status, String... words) throws Exception {
    Path log = root.resolve("rig.log");
    Process process = rig(log, words).start();
    processes.add(process);
    assertTrue("still running", process.waitFor(5, TimeUnit.MINUTES));
    String said = Files.readString(log);
    assertEquals(String.join(" ", words) + " said\n" + said, status, process.exitValue());
    return said;
  }

  private Process daemon(Path spark, String type, String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String opened : List.of("lang", "lang.invoke", "io", "net", "nio", "util")) {
      command.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED");
    }
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-cp",
            spark.resolve("jars/*").toString(),
            "org.apache.spark.deploy." + type,
            "--host",
            "127.0.0.1",
            "--webui-port",
            "0"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("daemon" + processes.size() + ".log").toFile());
    builder.environment().put("SPARK_HOME", spark.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static void image(Path file, int seed) throws IOException {
    int height = 40 + 7 * seed;
    int width = 64 - 3 * seed;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, (x / 9 * 40 + y / 7 * 90 * seed + x * y) * 0x10305);
      }
    }
    ImageIO.write(image, "png", file.toFile());
  }

  private static long files(Path directory) {
    if (!Files.isDirectory(directory)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".png")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (!condition.getAsBoolean()) {
      assertTrue("no end of waiting for " + what, System.nanoTime() < end);
      Thread.sleep(200);
    }
  }

  private static Map<String, byte[]> results(Path directory) throws IOException {
    Map<String, byte[]> results = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.startsWith(directory.resolve("job"))) {
          results.put(directory.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return results;
  }

  /** Starts a cluster, and makes a network and images, of which one is none. */
  private void cluster() throws Exception {
    user();
    run(
        0,
        "exec",
        "spark setup; assemble tiny --backbone resnet:layers=1,1,1,1:width=8:output_stride=8"
            + " --feedback 6..4 --iterations 2 --classes 6");
    Path spark = root.resolve("home/spark");
    try (Stream<Path> installed = Files.list(spark)) {
      spark = installed.filter(path -> path.toString().contains("spark-")).findFirst().get();
    }
    int port = free();
    String master = "spark://127.0.0.1:" + port;
    daemon(spark, "master.Master", "--port", "" + port);
    for (String name : List.of("a", "b")) {
      String directory = root.resolve("work-" + name).toString();
      workers.add(daemon(spark, "worker.Worker", "-c", "1", "-m", "1g", "-d", directory, master));
    }
    Path images = Files.createDirectories(root.resolve("images"));
    for (int i = 0; i < IMAGES; i++) {
      image(images.resolve("image" + i + ".png"), i);
    }
    Files.writeString(images.resolve("broken.png"), "no image");
    command =
        new String[] {
          "predict",
          "tiny",
          "--engine",
          "spark",
          "--master",
          master,
          "--input",
          images.toString(),
          "--output",
          root.resolve("out").toString(),
          "--cluster",
          "spark.executor.memory=512m"
        };
    await("the master", () -> listens(port));
  }

  private List<ProcessHandle> executors() {
    return workers.stream().flatMap(Process::descendants).toList();
  }

  private void awaitEnd() throws Exception {
    await("the end of the executors", () -> executors().isEmpty());
  }

  /** A job that has reported the image that is none, and has not come to its end. */
  private Process begun(Path log) throws Exception {
    Process process = rig(log, command).start();
    processes.add(process);
    await("the broken image", () -> said(log).contains("broken: ") || !process.isAlive());
    assertTrue(said(log), process.isAlive());
    return process;
  }

  private static String said(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertEnds(int status, Process process, Path log) throws Exception {
    assertTrue("still running", process.waitFor(3, TimeUnit.MINUTES));
    assertEquals(said(log), status, process.exitValue());
  }

  private void assertSameAsLocal(int images) throws Exception {
    String local = root.resolve("local").toString();
    run(1, "predict", "tiny", "--input", root.resolve("images").toString(), "--output", local);
    Map<String, byte[]> expected = results(root.resolve("local"));
    Map<String, byte[]> got = results(root.resolve("out"));
    assertEquals(images + 2, expected.size()); // label maps and two tables
    assertEquals(expected.keySet(), got.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(name, bytes, got.get(name)));
    // What a job needs while it runs, and its settings, which may have passwords
    assertEquals(
        List.of("finished.jsonl", "output.lock", "output.txt", "settings.json"),
        names(root.resolve("out/job")));
    try (Stream<Path> left = Files.list(root.resolve("home/spark"))) {
      assertEquals(1, left.count());
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  public void twoWorkersWriteWhatOneProcessWritesAlsoAfterInterruptions() throws Exception {
    cluster();
    // An image whose reader waits until it is ended
    Path slow = root.resolve("images/slow.png");
    assertEquals(0, new ProcessBuilder("mkfifo", slow.toString()).start().waitFor());

    Path log = root.resolve("interrupted.log");
    Process process = begun(log);
    await("label maps", () -> files(root.resolve("out/labels")) == IMAGES);
    new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor();
    assertEnds(INTERRUPTED, process, log);
    awaitEnd();

    // The death of the process that was started ends its driver and the executors.
    process = begun(log);
    List<ProcessHandle> drivers = process.descendants().toList();
    process.destroyForcibly();
    await("the end of the driver", () -> drivers.stream().noneMatch(ProcessHandle::isAlive));
    awaitEnd();

    process = begun(log);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    assertEnds(UNAVAILABLE, process, log);
    String last = said(log).strip().lines().reduce((a, b) -> b).orElse("");
    assertTrue(last, last.contains("the driver of Spark ended with status 137; "));
    awaitEnd();

    // Executors that are lost are replaced.
    process = begun(log);
    Files.delete(slow);
    image(slow, 1);
    List<ProcessHandle> lost = executors();
    assertFalse(lost.isEmpty());
    lost.forEach(ProcessHandle::destroyForcibly);
    assertEnds(1, process, log);
    assertTrue(said(log), said(log).contains("1 image in %s/out, 8 earlier".formatted(root)));
    assertSameAsLocal(IMAGES + 1);
  }

  @Test
  public void aFullDiskEndsInOneLineAndTheJobContinuesWhenThereIsSpace() throws Exception {
    Path out = Files.createDirectories(folder.getRoot().toPath().toRealPath().resolve("out"));
    int mounted =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", out.toString())
            .start()
            .waitFor();
    assumeTrue("skipped: a small file system cannot be mounted", mounted == 0);
    try {
      cluster();
      Path filler = Files.write(out.resolve("filler"), new byte[59 * 4096]); // of 64 pages
      String said = run(NO_SPACE, command);
      List<String> errors = said.lines().filter(line -> line.startsWith("rig: ")).toList();
      assertEquals(said, 1, errors.size());
      assertTrue(said, errors.get(0).contains("No space left on device"));
      awaitEnd();
      assertTrue(Files.isDirectory(out.resolve("job")));
      Files.delete(filler);
      run(1, command);
      assertSameAsLocal(IMAGES);
    } finally {
      end();
      assertEquals(0, new ProcessBuilder("umount", "-l", out.toString()).start().waitFor());
    }
  }
}
