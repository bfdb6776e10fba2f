package org.riglab.launcher;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
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

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<Process> processes = new ArrayList<>();
  private Path root;
  private Path user;

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

  private static long files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".png")).count();
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

  @Test
  public void twoWorkersWriteWhatOneProcessWritesAlsoAfterAnInterruption() throws Exception {
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
    List<Process> workers = new ArrayList<>();
    for (String name : List.of("a", "b")) {
      String directory = root.resolve("work-" + name).toString();
      workers.add(daemon(spark, "worker.Worker", "-c", "1", "-m", "1g", "-d", directory, master));
    }
    Path images = Files.createDirectories(root.resolve("images"));
    for (int i = 0; i < IMAGES; i++) {
      image(images.resolve("image" + i + ".png"), i);
    }
    Files.writeString(images.resolve("broken.png"), "no image");
    // An image whose reader waits until it is ended
    Path slow = images.resolve("slow.png");
    assertEquals(0, new ProcessBuilder("mkfifo", slow.toString()).start().waitFor());
    String output = root.resolve("out").toString();
    String[] command = {
      "predict",
      "tiny",
      "--engine",
      "spark",
      "--master",
      master,
      "--input",
      images.toString(),
      "--output",
      output,
      "--cluster",
      "spark.executor.memory=512m"
    };

    await("the master", () -> listens(port));
    Path log = root.resolve("interrupted.log");
    Process interrupted = rig(log, command).start();
    processes.add(interrupted);
    await(
        "label maps",
        () -> {
          try {
            return files(root.resolve("out/labels")) == IMAGES || !interrupted.isAlive();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    assertTrue(Files.readString(log), interrupted.isAlive());
    new ProcessBuilder("kill", "-INT", "" + interrupted.pid()).start().waitFor();
    assertTrue("still running", interrupted.waitFor(3, TimeUnit.MINUTES));
    assertEquals(Files.readString(log), INTERRUPTED, interrupted.exitValue());
    await(
        "the end of the executors",
        () -> workers.stream().allMatch(worker -> worker.descendants().findAny().isEmpty()));

    Files.delete(slow);
    image(slow, 1);
    String said = run(1, command);
    assertTrue(said, said.contains("1 image in " + output + ", 8 earlier"));
    assertTrue(said, said.contains("broken: "));
    String local = root.resolve("local").toString();
    run(1, "predict", "tiny", "--input", images.toString(), "--output", local);
    Map<String, byte[]> expected = results(root.resolve("local"));
    Map<String, byte[]> got = results(root.resolve("out"));
    assertEquals(IMAGES + 1 + 2, expected.size()); // label maps and two tables
    assertEquals(expected.keySet(), got.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(name, bytes, got.get(name)));
  }
}
