package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.rules.Timeout;

/**
 * The projects in {@code examples}, as a stranger has them: built by themselves against the
 * packaged distribution, checked, installed and used.
 */
public final class ExamplesIT {
  @ClassRule public static final TemporaryFolder SHARED = new TemporaryFolder();
  private static Path local;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  @Rule public final Timeout limit = Timeout.seconds(600);

  @BeforeClass
  public static void makeLocalRepository() throws IOException {
    local = Outcome.localRepository(SHARED.getRoot().toPath().resolve("m2"));
  }

  private Path path(String name) {
    return folder.getRoot().toPath().resolve(name);
  }

  /** Builds a copy of an example, tests included. */
  private Path built(String name) throws Exception {
    Path source = Path.of(System.getProperty("riglab.examples")).resolve(name);
    Path project = path(name);
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a)
              throws IOException {
            if (directory.equals(source.resolve("target"))) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(project.resolve(source.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.copy(file, project.resolve(source.relativize(file)));
            return FileVisitResult.CONTINUE;
          }
        });
    Outcome.maven(project, local, "package").ended(0);
    return project.resolve("target").resolve(name + "-1.0.0.jar");
  }

  private Outcome rig(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ScratchDistribution.built().resolve("bin/rig").toString(),
                "--home",
                path("home").toString()));
    command.addAll(Arrays.asList(words));
    return Outcome.of(folder.getRoot().toPath(), command);
  }

  private static void assertContains(String part, String text) {
    assertTrue("no '" + part + "' in\n" + text, text.contains(part));
  }

  @Test
  public void theyFindTheRepositoryOfTheirDistribution() throws Exception {
    try (Stream<Path> examples = Files.list(ScratchDistribution.built().resolve("examples"))) {
      for (Path example : examples.filter(Files::isDirectory).toList()) {
        String pom = Files.readString(example.resolve("pom.xml"));
        String url = pom.replaceAll("(?s).*<riglab.repository>file://|</riglab.repository>.*", "");
        Path repository = Path.of(url.replace("${project.basedir}", example.toString()));
        assertTrue(repository.toString(), Files.isDirectory(repository.resolve("org/riglab")));
      }
    }
  }

  @Test
  public void attentionGateTrains() throws Exception {
    Path jar = Catalogue.needing(built("attention-gate"), path("needing.jar"));
    Path library = Catalogue.library(path("library.jar"));
    String said;
    try (Catalogue catalogue = new Catalogue(path("catalogue"))) {
      catalogue.configure(path("home"));
      // publishing checks it
      said =
          rig(
                  "exec",
                  """
                  plugin publish %s --to catalogue
                  plugin publish %s --to catalogue
                  plugin search attention
                  plugin install %s --yes
                  plugin kept
                  """
                      .formatted(library, jar, Catalogue.name(jar)))
              .ended(0);
      assertTrue(
          "nothing was fetched over HTTP", catalogue.fetched().contains("/library-1.0.0.jar"));
    }
    assertTrue(said, said.matches("(?s).*\\blibrary +1\\.0\\.0 +- +library .*installed .*"));
    said =
        rig(
                "exec",
                """
                assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --gate attention --feedback 6..5 --iterations 2 --classes 6
                train tiny --dataset shapes:size=48,48:train=8:val=4 --size 48x48 --batch 4 --steps 2
                export tiny --output tiny.safetensors
                """)
            .ended(0);
    assertContains("finished: 2 steps", said);
    String names = header(Files.readAllBytes(path("tiny.safetensors")));
    assertContains("\"gates.6.channel.weight\"", names);
    assertContains("\"gates.5.spatial.bias\"", names);
  }

  @Test
  public void mobileNetTakesTorchvisionsNames() throws Exception {
    Path jar = built("mobilenetv2");
    rig("plugin", "check", jar.toString()).ended(0);
    rig(
            "exec",
            """
            plugin install %s
            assemble one --backbone mobilenetv2:width=0.25 --unroll feed-forward --classes 4 --seed 1
            assemble two --backbone mobilenetv2:width=0.25:output_stride=8 --feedback 6..4 --iterations 2 --classes 4 --seed 2
            export one --output one.safetensors
            """
                .formatted(jar))
        .ended(0);
    // As torchvision writes it: without the prefix of a segmentation network
    byte[] weights = Files.readAllBytes(path("one.safetensors"));
    Files.write(path("torchvision.safetensors"), renamed(weights, "\"backbone.", "\""));
    String said = rig("import", "two", "torchvision.safetensors").ended(0);
    assertContains("'backbone.' put in front", said);
    assertTrue(said, said.matches("(?s).*\\b330  matched.*"));
    assertTrue(said, said.matches("(?s).*\\b0  left over.*"));
  }

  @Test
  public void mobileNetHasEveryHead() throws Exception {
    Path jar = built("mobilenetv2");
    String said =
        rig(
                "exec",
                """
                plugin install %s
                assemble mobile --backbone mobilenetv2:width=0.25 --feedback 6..4 --iterations 2 --classes 6
                train mobile --dataset shapes:size=64,64:train=8:val=4 --size 64x64 --batch 4 --steps 2
                export mobile --output fcn.safetensors
                swap mobile --head fcn8s
                train mobile --dataset shapes:size=64,64:train=8:val=4 --size 64x64 --batch 4 --steps 2
                show mobile --size 64x64
                export mobile --output fcn8s.safetensors
                swap mobile --head aspp
                train mobile --dataset shapes:size=64,64:train=8:val=4 --size 64x64 --batch 4 --steps 2
                export mobile --output aspp.safetensors
                """
                    .formatted(jar))
            .ended(0);
    assertContains("head fcn8s", said);
    assertContains("6 x 8 x 8", said); // logits of stride 8
    assertContains("\"classifier.weight\"", header(Files.readAllBytes(path("fcn.safetensors"))));
    assertContains(
        "\"classifier.skip16.bias\"", header(Files.readAllBytes(path("fcn8s.safetensors"))));
    assertContains("\"classifier.3.weight\"", header(Files.readAllBytes(path("aspp.safetensors"))));
    assertContains(
        "head fcn8s adds scores of features of stride 8 and 16",
        rig("swap", "mobile", "--backbone", "mobilenetv2:output_stride=8", "--head", "fcn8s")
            .ended(2));
  }

  @Test
  public void recordingsAreCheckedAndTrainedOn() throws Exception {
    Path jar = built("folder-dataset");
    rig("plugin", "install", jar.toString()).ended(0);
    Path data = path("data");
    for (String recording : List.of("monday", "tuesday")) {
      for (int i = 1; i <= 4; i++) {
        frame(data.resolve(recording).resolve("000" + i), 0x804020, 0x20a020);
      }
    }
    Files.writeString(data.resolve("classes.csv"), "ground,128,64,32\nplant,32,160,32\n");
    rig("plugin", "check", jar.toString(), "--data", "data").ended(0);
    String said =
        rig(
                "exec",
                """
                data check recordings --data data
                assemble small --backbone resnet:layers=1,1,1,1:width=8 --unroll feed-forward --classes 2
                train small --dataset recordings --data data --size 32x32 --batch 4 --steps 2
                """)
            .ended(0);
    assertContains("finished: 2 steps", said);

    frame(data.resolve("monday/0003"), 0x804020, 0x20a021);
    assertContains(
        "0003_label.png: colour #20a021 (32,160,33) at row 0, column 16 is not in classes.csv",
        rig("data", "check", "recordings", "--data", "data").ended(1));
  }

  /** A picture of 32 x 32 pixels whose left half is one thing, and the right half another. */
  private static void frame(Path name, int left, int right) throws IOException {
    Files.createDirectories(name.getParent());
    BufferedImage label = halves(left, right);
    assertTrue(ImageIO.write(label, "png", Path.of(name + "_label.png").toFile()));
    // No two pictures are the same
    BufferedImage picture = halves(left, 0xffffff & name.toString().hashCode() * 0x9e3779b1);
    assertTrue(ImageIO.write(picture, "jpg", Path.of(name + ".jpg").toFile()));
  }

  private static BufferedImage halves(int left, int right) {
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < 32; x++) {
      for (int y = 0; y < 32; y++) {
        image.setRGB(x, y, x < 16 ? left : right);
      }
    }
    return image;
  }

  private static String header(byte[] safetensors) {
    int length = (int) ByteBuffer.wrap(safetensors).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    return new String(safetensors, Long.BYTES, length, StandardCharsets.UTF_8);
  }

  /** The same file with other names; blanks fill up the header. */
  private static byte[] renamed(byte[] safetensors, String from, String to) {
    String header = header(safetensors);
    int length = header.getBytes(StandardCharsets.UTF_8).length;
    byte[] other = header.replace(from, to).getBytes(StandardCharsets.UTF_8);
    byte[] result = safetensors.clone();
    Arrays.fill(result, Long.BYTES, Long.BYTES + length, (byte) ' ');
    System.arraycopy(other, 0, result, Long.BYTES, other.length);
    assertEquals(length, header(result).length());
    return result;
  }
}
