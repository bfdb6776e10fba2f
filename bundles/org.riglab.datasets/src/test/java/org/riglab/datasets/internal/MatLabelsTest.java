package org.riglab.datasets.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.images.Pixels;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

/** Label maps in MAT files: SBD's and COCO-Stuff's. */
public class MatLabelsTest {
  private static final MatBytes LITTLE = new MatBytes(ByteOrder.LITTLE_ENDIAN);
  private static final MatBytes BIG = new MatBytes(ByteOrder.BIG_ENDIAN);
  private static final LabelFormat SBD = new SbdMask();
  private static final LabelFormat STUFF = stuff(171);
  private static final LabelFormat STUFF_BY_ID = stuff(182);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void readsSbdAsTheSpecificationHasIt() throws IOException {
    for (MatBytes format : new MatBytes[] {LITTLE, BIG}) {
      for (boolean compressed : new boolean[] {false, true}) {
        byte[] element = gtcls(format);
        Path file = file(format.file(compressed ? format.compressed(element) : element));
        Pixels mask = SBD.read(file);
        assertEquals(2, mask.height());
        assertEquals(3, mask.width());
        assertArrayEquals(new byte[] {0, 15, 20, 0, 15, 1}, mask.values());
      }
    }
  }

  /** As MATLAB writes it: whole numbers of class double take the smallest type that fits. */
  @Test
  public void readsStuffInAllThatMatlabMayKeepItIn() throws IOException {
    byte[] ids = {0, 1, (byte) 182, 92, 13, 90};
    byte[] expected = {(byte) 255, (byte) 170, 11, 0, 80, 79};
    byte[] wide = new byte[12];
    for (int i = 0; i < ids.length; i++) {
      wide[2 * i] = ids[i];
    }
    byte[] other = LITTLE.numbers("captions", MatBytes.UINT8, 1, 1, MatBytes.MI_UINT8, (byte) 1);
    for (byte[] element :
        new byte[][] {
          LITTLE.numbers("S", MatBytes.UINT8, 2, 3, MatBytes.MI_UINT8, ids),
          LITTLE.numbers("S", MatBytes.DOUBLE, 2, 3, MatBytes.MI_UINT8, ids),
          LITTLE.numbers("S", MatBytes.UINT16, 2, 3, MatBytes.MI_UINT16, wide),
        }) {
      Path file = file(LITTLE.file(other, LITTLE.compressed(element), other));
      assertArrayEquals(expected, STUFF.read(file).values());
    }
    Path file = file(LITTLE.file(LITTLE.numbers("S", 9, 2, 3, MatBytes.MI_UINT8, ids)));
    assertArrayEquals(
        new byte[] {(byte) 255, (byte) 181, 12, 0, 91, 89}, STUFF_BY_ID.read(file).values());
  }

  @Test
  public void readsWhatTheLibraryWrites() throws IOException {
    int[] ids = {3, 182, 0, 44, 90, 92, 13, 0};
    for (MatlabType type : new MatlabType[] {MatlabType.UInt8, MatlabType.UInt16}) {
      for (int level : new int[] {0, 9}) {
        Matrix matrix = Mat5.newMatrix(4, 2, type);
        for (int i = 0; i < ids.length; i++) {
          matrix.setInt(i / 2, i % 2, ids[i]);
        }
        Path file = folder.newFile().toPath();
        try (us.hebi.matlab.mat.types.MatFile mat = Mat5.newMatFile();
            var sink = Sinks.newStreamingFile(file.toFile())) {
          mat.addArray("S", matrix);
          Mat5.newWriter(sink).setDeflateLevel(level).writeMat(mat);
        }
        Pixels map = STUFF_BY_ID.read(file);
        assertEquals(4, map.height());
        assertArrayEquals(
            new byte[] {2, (byte) 181, (byte) 255, 43, 89, 91, 12, (byte) 255}, map.values());
      }
    }
  }

  @Test
  public void namesWhatIsNotThere() throws IOException {
    Path stuff = file(LITTLE.file(LITTLE.numbers("S", MatBytes.UINT8, 1, 1, 2, (byte) 4)));
    assertMessage(
        stuff,
        ": GTcls is nothing, expected a struct with field Segmentation as in SBD's dataset/cls",
        SBD);
    Path sbd = file(LITTLE.file(gtcls(LITTLE)));
    assertMessage(sbd, ": S is nothing, expected a matrix of labels", STUFF);
    Path field =
        file(LITTLE.file(LITTLE.struct("GTcls", 1, 1, new String[] {"Boundaries"}, cell(LITTLE))));
    assertMessage(
        field,
        ": GTcls is struct 1x1 with fields Boundaries, expected a struct with field Segmentation"
            + " as in SBD's dataset/cls",
        SBD);
    Path nested =
        file(
            LITTLE.file(LITTLE.struct("GTcls", 1, 1, new String[] {"Segmentation"}, cell(LITTLE))));
    assertMessage(nested, ": GTcls.Segmentation is cell 1x1, expected a matrix of labels", SBD);
    Path cube =
        file(
            LITTLE.file(
                LITTLE.matrix(
                    "S", MatBytes.UINT8, new int[] {1, 2, 2}, LITTLE.element(2, new byte[4]))));
    assertMessage(cube, ": S is uint8 1x2x2, expected a matrix of labels", STUFF);
  }

  @Test
  public void namesNumbersThatMeanNothing() throws IOException {
    Path sbd =
        file(
            LITTLE.file(
                LITTLE.struct(
                    "GTcls",
                    1,
                    1,
                    new String[] {"Segmentation"},
                    LITTLE.numbers("", 9, 2, 2, 2, new byte[] {1, 2, 21, 3}))));
    assertMessage(sbd, ": GTcls.Segmentation has 21 in row 0, column 1, expected 0 to 20", SBD);
    Path absent = file(LITTLE.file(LITTLE.numbers("S", 9, 2, 1, 2, new byte[] {1, 12})));
    assertMessage(
        absent,
        ": S has 12 in row 1, column 0, expected 0 to 182 without the 11 that never occur (option"
            + " ids=182 has them)",
        STUFF);
    assertArrayEquals(new byte[] {0, 11}, STUFF_BY_ID.read(absent).values());
    Path wide = file(LITTLE.file(LITTLE.numbers("S", 11, 1, 1, 4, new byte[] {0, 1})));
    assertMessage(wide, ": S has 256 in row 0, column 0, expected 0 to 182", STUFF_BY_ID);
    Path half = file(LITTLE.file(LITTLE.numbers("S", 6, 1, 1, 9, bytes(0x3fe00000))));
    assertMessage(half, ": S has 0.5 in row 0, column 0, expected 0 to 182", STUFF_BY_ID);
  }

  @Test
  public void refusesVersion10OfCocoStuff() throws IOException {
    byte[] names =
        LITTLE.matrix("names", MatBytes.CELL, new int[] {172, 1}, LITTLE.element(2, new byte[0]));
    byte[] labels = LITTLE.numbers("S", MatBytes.UINT8, 1, 1, 2, (byte) 4);
    Path file = file(LITTLE.file(labels, LITTLE.compressed(names)));
    assertMessage(file, ": COCO-Stuff 10K 1.0, whose ids are others, expected version 1.1", STUFF);
  }

  @Test
  public void namesFilesOfOtherFormats() throws IOException {
    Path missing = folder.getRoot().toPath().resolve("missing.mat");
    assertMessage(missing, ": no such file", STUFF);
    String right = ", expected MAT 5; MATLAB's save -v7 writes it";
    assertMessage(file(new byte[0]), ": not a MAT file" + right, STUFF);
    assertMessage(file("PNG or so".getBytes("US-ASCII")), ": not a MAT file" + right, STUFF);
    byte[] hdf = LITTLE.file();
    hdf[7] = '7';
    hdf[9] = '3';
    assertMessage(file(hdf), ": MAT 7.3 (HDF5)" + right, STUFF);
    byte[] large = new byte[(64 << 20) + 1];
    assertMessage(
        file(large), ": 67,108,865 bytes, expected a label map of at most 67,108,864", STUFF);
  }

  @Test
  public void endsInOneLineWhereverAFileIsCut() throws IOException {
    Path file = folder.newFile().toPath();
    for (byte[] whole :
        new byte[][] {
          LITTLE.file(gtcls(LITTLE)), LITTLE.file(LITTLE.compressed(gtcls(LITTLE))),
        }) {
      for (int length = 0; length < whole.length; length++) {
        Files.write(file, Arrays.copyOf(whole, length));
        RigException e = assertThrows(RigException.class, () -> SBD.read(file));
        assertOneLine(file, e);
      }
    }
    byte[] cut = LITTLE.file(gtcls(LITTLE));
    Files.write(file, Arrays.copyOf(cut, cut.length - 1));
    assertMessage(file, ": damaged MAT file (cut off within the element at byte 128)", SBD);
  }

  /** Every bit of the file after the text of the header, one at a time. */
  @Test
  public void endsInOneLineWhateverBitIsWrong() throws IOException {
    assertTrue(wrongBits(LITTLE.file(gtcls(LITTLE)), 116) > 1000);
  }

  /** What is compressed has a checksum: no wrong bit goes unnoticed. */
  @Test
  public void findsEveryWrongBitOfWhatIsCompressed() throws IOException {
    byte[] whole = LITTLE.file(LITTLE.compressed(gtcls(LITTLE)));
    // But for those that fill up the last byte of the deflated data
    int bits = 8 * (whole.length - 136);
    int found = wrongBits(whole, 136);
    assertTrue(found + " of " + bits, found <= bits && found > bits - 8);
  }

  /** Returns how many of the wrong bits from a byte on were found. */
  private int wrongBits(byte[] whole, int from) throws IOException {
    Path file = folder.newFile().toPath();
    int refused = 0;
    for (int bit = 8 * from; bit < 8 * whole.length; bit++) {
      byte[] wrong = whole.clone();
      wrong[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, wrong);
      try {
        SBD.read(file);
      } catch (RigException e) {
        assertOneLine(file, e);
        refused++;
      }
    }
    return refused;
  }

  @Test
  public void boundsWhatAFileMayClaim() throws IOException {
    String bound = ": claims more data than a label map of at most 67,108,864 bytes has";
    byte[] bomb = new byte[80 << 20];
    byte[] inflating = LITTLE.numbers("S", MatBytes.UINT8, 80, 1 << 20, 2, bomb);
    Path zip = file(LITTLE.file(LITTLE.compressed(inflating)));
    assertTrue("small on disk", Files.size(zip) < 200_000);
    assertMessage(zip, bound, STUFF);

    byte[] data = LITTLE.element(2, new byte[8]);
    int[] huge = {1 << 20, 1 << 20};
    assertMessage(
        file(LITTLE.file(LITTLE.matrix("S", MatBytes.UINT8, huge, data))),
        ": damaged MAT file (Incorrect number of elements in real store)",
        STUFF);
    int[] many = {1 << 15, 1 << 15};
    assertMessage(file(LITTLE.file(LITTLE.matrix("S", MatBytes.CELL, many, data))), bound, STUFF);
    int[] negative = {-2, 3};
    assertMessage(
        file(LITTLE.file(LITTLE.matrix("S", MatBytes.CELL, negative, data))), bound, STUFF);
    byte[] fields = LITTLE.struct("GTcls", 1 << 14, 1 << 14, new String[] {"a", "b"});
    assertMessage(file(LITTLE.file(fields)), bound, SBD);
    // A tag that promises 2 GiB, in a stream that does not have them
    byte[] lying = LITTLE.matrix("S", MatBytes.UINT8, huge, LITTLE.ints(2, 0x7ffffff8));
    assertMessage(file(LITTLE.file(LITTLE.compressed(lying))), bound, STUFF);

    byte[] deep = LITTLE.numbers("", MatBytes.UINT8, 1, 1, 2, (byte) 1);
    for (int i = 0; i < 5000; i++) {
      deep = LITTLE.matrix(i == 4999 ? "S" : "", MatBytes.CELL, new int[] {1, 1}, deep);
    }
    assertMessage(
        file(LITTLE.file(LITTLE.compressed(deep))),
        ": damaged MAT file (arrays within arrays, more than 8 deep)",
        STUFF);
  }

  /** Two rows: 0 15 20, 0 15 1. */
  private static byte[] gtcls(MatBytes format) {
    return format.struct(
        "GTcls",
        1,
        1,
        new String[] {"Boundaries", "Segmentation", "CategoriesPresent"},
        cell(format),
        format.numbers(
            "", MatBytes.UINT8, 2, 3, MatBytes.MI_UINT8, new byte[] {0, 0, 15, 15, 20, 1}),
        format.numbers("", MatBytes.UINT8, 1, 3, MatBytes.MI_UINT8, new byte[] {1, 15, 20}));
  }

  private static byte[] cell(MatBytes format) {
    return format.matrix(
        "",
        MatBytes.CELL,
        new int[] {1, 1},
        format.numbers("", MatBytes.UINT8, 1, 1, MatBytes.MI_UINT8, (byte) 7));
  }

  private static byte[] bytes(int upper) {
    return MatBytes.joined(LITTLE.ints(0, upper));
  }

  private static LabelFormat stuff(int ids) {
    return new CocoStuffMap(CocoStuffClasses.of(ids).orElseThrow());
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.newFile().toPath(), bytes);
  }

  private static void assertMessage(Path file, String message, LabelFormat format) {
    RigException e = assertThrows(RigException.class, () -> format.read(file));
    assertEquals(file + message, e.getMessage());
  }

  private static void assertOneLine(Path file, RigException e) {
    assertTrue(e.getMessage(), e.getMessage().startsWith(file + ": "));
    assertFalse(e.getMessage(), e.getMessage().contains("\n"));
  }
}
