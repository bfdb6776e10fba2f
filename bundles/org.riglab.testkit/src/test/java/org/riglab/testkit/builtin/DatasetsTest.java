package org.riglab.testkit.builtin;

import static org.junit.Assume.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.experimental.runners.Enclosed;
import org.junit.rules.TemporaryFolder;
import org.junit.runner.RunWith;
import org.riglab.api.data.Dataset;
import org.riglab.datasets.internal.CamVidDataset;
import org.riglab.datasets.internal.FolderDataset;
import org.riglab.datasets.internal.ShapesDataset;
import org.riglab.testkit.DatasetContract;

/** The built-in ones hold the contract. */
@RunWith(Enclosed.class)
public class DatasetsTest {
  public static class OfShapes extends DatasetContract {
    @Override
    protected Dataset dataset() {
      return new ShapesDataset();
    }

    @Override
    protected Map<String, Object> options() {
      return Map.of("train", 64, "val", 16, "test", 16);
    }
  }

  public static class OfFolder extends DatasetContract {
    @Rule public final TemporaryFolder folder = new TemporaryFolder();

    @Before
    public void write() throws IOException {
      Path root = folder.getRoot().toPath();
      Files.createDirectories(root.resolve("images"));
      Files.createDirectories(root.resolve("labels"));
      for (int i = 0; i < 3; i++) {
        BufferedImage image = new BufferedImage(20, 14 + i, BufferedImage.TYPE_INT_RGB);
        BufferedImage label = new BufferedImage(20, 14 + i, BufferedImage.TYPE_BYTE_GRAY);
        for (int x = 0; x < 20; x++) {
          image.setRGB(x, i, 0x102030 * x);
          label.getRaster().setSample(x, 3, 0, x % 2);
        }
        ImageIO.write(image, "png", root.resolve("images/" + i + ".png").toFile());
        ImageIO.write(label, "png", root.resolve("labels/" + i + ".png").toFile());
      }
      Files.writeString(
          root.resolve("classes.json"), "{\"classes\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}");
    }

    @Override
    protected Dataset dataset() {
      return new FolderDataset();
    }

    @Override
    protected Optional<Path> directory() {
      return Optional.of(folder.getRoot().toPath());
    }
  }

  public static class OfCamVid extends DatasetContract {
    private static final Path CAMVID =
        Path.of(System.getProperty("riglab.shared", "../../../shared"), "data", "CamVid");

    @Before
    public void look() {
      assumeTrue("no CamVid at " + CAMVID, Files.isDirectory(CAMVID));
    }

    @Override
    protected Dataset dataset() {
      return new CamVidDataset();
    }

    @Override
    protected Optional<Path> directory() {
      return Optional.of(CAMVID);
    }
  }
}
