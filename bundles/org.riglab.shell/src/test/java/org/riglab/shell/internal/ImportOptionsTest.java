package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImportSpec.PixelFormat;
import org.riglab.api.bench.TrainSpec.Channels;
import org.riglab.api.data.ClassTable;

public class ImportOptionsTest {
  private static final Optional<ClassTable> CLASSES =
      Optional.of(
          new ClassTable(
              List.of(
                  new ClassTable.Entry("sky", 1),
                  new ClassTable.Entry("traffic sign", 2),
                  new ClassTable.Entry("7", 3))));

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static Optional<PixelFormat> pixels(
      String preset, String channels, Integer range, String mean, String std) {
    return PixelOptions.of(
        preset,
        Optional.ofNullable(channels),
        Optional.ofNullable(range),
        Optional.ofNullable(mean),
        Optional.ofNullable(std));
  }

  private static String refusal(
      String preset, String channels, Integer range, String mean, String std) {
    return assertThrows(RigException.class, () -> pixels(preset, channels, range, mean, std))
        .getMessage();
  }

  @Test
  public void pixelsAreStatedInNumbers() {
    assertEquals(Optional.empty(), pixels("caffe", null, null, null, null));
    assertEquals(
        Optional.of(
            new PixelFormat(
                Channels.BGR, 255, List.of(110.5, 108.0, 105.0), List.of(78.0, 79.0, 78.5))),
        pixels("file", "bgr", 255, "110.5, 108,105", "78,79,78.5"));
    assertEquals(
        Optional.of(
            new PixelFormat(Channels.RGB, 1, List.of(0.5, 0.4, 0.3), List.of(1.0, 1.0, 20000.0))),
        pixels("file", null, null, "0.5,0.4,0.3", "1,1,2e4"));
  }

  @Test
  public void pixelsThatAreNoneAreRefused() {
    assertEquals(
        "--mean is missing; --channels, --pixel-range, --mean and --std belong together",
        refusal("file", "bgr", null, null, null));
    assertEquals(
        "--std is missing; --channels, --pixel-range, --mean and --std belong together",
        refusal("file", null, null, "0,0,0", null));
    assertEquals(
        "--pixels caffe already defines channels, range, mean and std; omit it, or omit --channels,"
            + " --pixel-range, --mean and --std",
        refusal("caffe", null, null, "0,0,0", "1,1,1"));
    assertEquals(
        "--pixel-range is 2; it must be 1 or 255", refusal("file", null, 2, "0,0,0", "1,1,1"));
    assertEquals(
        "--mean is 110,108,105; with --pixel-range 1 it must be three numbers of 0 to 1",
        refusal("file", null, null, "110,108,105", "1,1,1"));
    assertEquals(
        "--std is 1,0,1; it must be three numbers above 0",
        refusal("file", null, 255, "110,108,105", "1,0,1"));
    for (String wrong : List.of("1,2", "1,2,3,4", "a,b,c", "1,,2", "1,2,NaN")) {
      assertEquals(
          "--mean is '" + wrong + "'; it must be three numbers with commas between them",
          refusal("file", null, 255, wrong, "1,1,1"));
    }
    assertEquals(
        "--channels 'gbr': allowed are rgb, bgr", refusal("file", "gbr", 255, "1,1,1", "1,1,1"));
  }

  private Path map(String text) throws IOException {
    return Files.writeString(folder.getRoot().toPath().resolve("classes.txt"), text);
  }

  @Test
  public void aLineIsANameALabelOrNone() throws Exception {
    Path file = map("# order of the checkpoint\r\ntraffic sign\r\n-\n 0 \n\n7\n-\n");
    assertEquals(List.of(1, -1, 0, 2, -1), ClassesMap.read(file, CLASSES));
    assertEquals(List.of(2, 0, -1), ClassesMap.read(map("2\n0\n-"), Optional.empty()));
  }

  @Test
  public void aLineThatIsNoClassIsRefused() throws Exception {
    Path file = map("sky\nroad\n");
    assertEquals(
        file + ", line 2: there is no class 'road'; there is sky, traffic sign, 7",
        assertThrows(RigException.class, () -> ClassesMap.read(file, CLASSES)).getMessage());
    assertEquals(
        file + ", line 1: 'sky' is not a label; names need --dataset",
        assertThrows(RigException.class, () -> ClassesMap.read(file, Optional.empty()))
            .getMessage());
    map("# none\n");
    assertEquals(
        file + ": the file contains no classes; expected one per line",
        assertThrows(RigException.class, () -> ClassesMap.read(file, CLASSES)).getMessage());
    map("sky\n-\n0\n");
    assertEquals(
        file + ", line 3: class 0 is there twice",
        assertThrows(RigException.class, () -> ClassesMap.read(file, CLASSES)).getMessage());
    assertEquals(
        RigException.Kind.NOT_FOUND,
        assertThrows(RigException.class, () -> ClassesMap.read(file.resolveSibling("x"), CLASSES))
            .kind());
  }
}
