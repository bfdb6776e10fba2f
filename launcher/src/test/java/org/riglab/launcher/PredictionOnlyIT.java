package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A distribution without the feature {@code training}, and so without {@code torchrun}. */
public final class PredictionOnlyIT {
  private static final int UNAVAILABLE = 8;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** The built distribution without the features and without their bundles. */
  private Path distribution() throws IOException {
    Path built = ScratchDistribution.built();
    Path root = folder.newFolder("riglab").toPath();
    Files.createDirectories(root.resolve("bin"));
    Files.copy(
        built.resolve("bin/rig"), root.resolve("bin/rig"), StandardCopyOption.COPY_ATTRIBUTES);
    for (String linked : List.of("lib", "config")) {
      Files.createSymbolicLink(root.resolve(linked), built.resolve(linked));
    }
    link(built.resolve("features"), root.resolve("features"), "training.json", "torchrun.json");
    link(built.resolve("repository"), root.resolve("repository"), "org");
    link(built.resolve("repository/org"), root.resolve("repository/org"), "riglab");
    link(
        built.resolve("repository/org/riglab"),
        root.resolve("repository/org/riglab"),
        "org.riglab.training",
        "org.riglab.torchrun");
    return root;
  }

  private static void link(Path from, Path to, String... except) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        if (!Set.of(except).contains(file.getFileName().toString())) {
          Files.createSymbolicLink(to.resolve(file.getFileName()), file.toRealPath());
        }
      }
    }
  }

  @Test
  public void predictsEvaluatesListsAndRefusesTrainings() throws Exception {
    Path image = folder.getRoot().toPath().resolve("image.png");
    Path labels = folder.getRoot().toPath().resolve("labels");
    Path err = folder.newFile("err").toPath();
    Files.write(image, png());
    List<String> script =
        List.of(
            "assemble tiny --backbone resnet:layers=1,1,1,1:width=8:output_stride=8 --classes 6",
            "eval tiny --dataset shapes:size=32,32:train=1:val=1:test=2 --split test",
            "predict tiny " + image + " --output " + labels,
            "networks",
            "list gate",
            "submit tiny --eval --wait --set split=val"
                + " --set dataset=shapes:size=32,32:train=1:val=1:test=2",
            "runs",
            "submit tiny");
    Process process =
        new ProcessBuilder(
                distribution().resolve("bin/rig").toString(),
                "--home",
                folder.getRoot().toPath().resolve("home").toString(),
                "exec",
                String.join("; ", script))
            .redirectError(err.toFile())
            .start();
    process.getOutputStream().close();
    String out;
    try (InputStream stream = process.getInputStream()) {
      out = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    assertEquals(
        out,
        List.of("rig: trainings require the feature training, which is not installed"),
        Files.readAllLines(err));
    assertEquals(UNAVAILABLE, process.exitValue());
    assertTrue(out, out.contains("mIoU"));
    assertTrue(out, out.contains("run 1 (tiny) is done"));
    try (Stream<Path> files = Files.list(labels)) {
      assertTrue(files.findAny().isPresent());
    }
    assertFalse(Files.exists(folder.getRoot().toPath().resolve("home/runs")));
  }

  private static byte[] png() throws IOException {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    javax.imageio.ImageIO.write(
        new java.awt.image.BufferedImage(48, 32, java.awt.image.BufferedImage.TYPE_INT_RGB),
        "png",
        bytes);
    return bytes.toByteArray();
  }
}
