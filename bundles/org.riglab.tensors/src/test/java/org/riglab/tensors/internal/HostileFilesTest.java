package org.riglab.tensors.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFiles;

/** Files made to hurt: each ends in one line, and costs little memory. */
public class HostileFilesTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path file() {
    return folder.getRoot().toPath().resolve("weights");
  }

  // ------------------------------------------------------------------------------------- counting

  /** Refused in one line that contains the words, with less than so much allocated in all. */
  private String refused(Path file, String words, int mebibytes) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    RigException e = assertThrows(RigException.class, () -> TensorFiles.open(file).close());
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertEquals(e.getMessage(), 1, e.getMessage().lines().count());
    assertTrue(e.getMessage(), e.getMessage().startsWith("cannot read " + file));
    assertTrue(e.getMessage(), e.getMessage().contains(words));
    assertTrue(words + " took " + (bytes >> 10) + " KiB", bytes < (long) mebibytes << 20);
    return e.getMessage();
  }

  // ------------------------------------------------------------------------------------- pickles

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] repeated(String start, String text, int times, String end) {
    return ascii(start + text.repeat(times) + end);
  }

  private Path pickle(byte[] bytes) throws IOException {
    return Files.write(file(), bytes);
  }

  private Path torch(byte[] pickle, Map<String, byte[]> more) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file()))) {
      zip.setMethod(ZipOutputStream.DEFLATED);
      zip.putNextEntry(new ZipEntry("a/data.pkl"));
      zip.write(pickle);
      for (Map.Entry<String, byte[]> entry : more.entrySet()) {
        store(zip, entry.getKey(), entry.getValue());
      }
    }
    return file();
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    CRC32 sum = new CRC32();
    sum.update(bytes);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
  }

  /** A dict with one tensor 'w' of floats in storage '0'. */
  private static byte[] tensor(long size, String offset, String shape, String strides) {
    return ascii(
        "\u0080\u0002}X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storage"
            + "ctorch\nFloatStorage\nX\u0001\0\0\0"
            + "0X\u0003\0\0\0cpu"
            + number(size)
            + "tQ"
            + offset
            + shape
            + strides
            + "\u0089)tRs.");
  }

  private static String number(long value) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return "\u008a\u0008" + new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String tuple(long... values) {
    StringBuilder tuple = new StringBuilder("(");
    for (long value : values) {
      tuple.append(number(value));
    }
    return tuple + "t";
  }

  /** An argparse.Namespace as torch.save writes it, and what other objects are made of. */
  @Test
  public void objectsBesideTensorsHoldNothing() throws IOException {
    byte[] floats = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(3).array();
    String tensor =
        new String(tensor(2, number(0), tuple(2), tuple(1)), StandardCharsets.ISO_8859_1);
    String more =
        "X\u0001\0\0\0acargparse\nNamespace\n)\u0081}X\u0002\0\0\0lrK\u0001sbs"
            + "X\u0001\0\0\0bcold\nClass\n)}\u0092s.";
    byte[] both = ascii(tensor.substring(0, tensor.length() - 1) + more);
    try (TensorFile file = TensorFiles.open(torch(both, Map.of("a/data/0", floats)))) {
      assertEquals(java.util.Set.of("w"), file.tensors().keySet());
      assertEquals(3f, file.floats("w").values()[0], 0f);
    }
  }

  @Test
  public void readsTheTensorThatTheOthersAreMadeFrom() throws IOException {
    byte[] floats = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(3).array();
    Path good = torch(tensor(2, number(0), tuple(2), tuple(1)), Map.of("a/data/0", floats));
    try (TensorFile file = TensorFiles.open(good)) {
      assertEquals(3f, file.floats("w").values()[0], 0f);
    }
  }

  @Test
  public void readsTheByteOrderThatTheFileNames() throws IOException {
    byte[] big = ByteBuffer.allocate(8).putFloat(3).putFloat(-4).array();
    byte[] pickle = tensor(2, number(0), tuple(2), tuple(1));
    Path good = torch(pickle, Map.of("a/data/0", big, "a/byteorder", ascii("big")));
    try (TensorFile file = TensorFiles.open(good)) {
      assertEquals(-4f, file.floats("w").values()[1], 0f);
    }
    refused(
        torch(pickle, Map.of("a/data/0", big, "a/byteorder", ascii("middle"))),
        "its byte order is middle",
        4);
  }

  @Test
  public void readsViewsOfStoragesInOldFiles() throws IOException {
    String written =
        new String(
            Files.readAllBytes(Resources.file("state-dict.old.pth")), StandardCharsets.ISO_8859_1);
    // magic number, version and machine; then a tensor in elements 2 to 4 of a storage of 8
    String head = written.substring(0, written.indexOf("\u0080\u0002ccollections"));
    String whole =
        new String(tensor(8, number(1), tuple(2), tuple(1)), StandardCharsets.ISO_8859_1);
    ByteBuffer data = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN).putLong(8);
    for (int i = 0; i < 8; i++) {
      data.putFloat(i);
    }
    for (long length : new long[] {3, 2, 7, -1}) {
      String view = whole.replace("tQ", "(X\u0001\0\0\0v" + number(2) + number(length) + "ttQ");
      byte[] keys = ascii("\u0080\u0002](X\u0001\0\0\0" + "0e.");
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(ascii(head + view));
      bytes.write(keys);
      bytes.write(data.array());
      Path path = pickle(bytes.toByteArray());
      if (length == 3) {
        try (TensorFile file = TensorFiles.open(path)) {
          assertEquals(3f, file.floats("w").values()[0], 0f);
          assertEquals(4f, file.floats("w").values()[1], 0f);
        }
      } else {
        refused(path, length == 2 ? "does not lie within its storage" : "not the storage", 4);
      }
    }
  }

  @Test
  public void aTensorCannotBeLargerThanItsStorage() throws IOException {
    Map<String, byte[]> eight = Map.of("a/data/0", new byte[32]);
    Object[][] lies = {
      {tuple(9), tuple(1), 0L},
      {tuple(2), tuple(1), 7L},
      {tuple(2), tuple(1), -1L},
      {tuple(2, 2), tuple(8, 1), 0L},
      {tuple(1L << 40), tuple(1), 0L},
      {tuple(1L << 33, 1L << 33), tuple(1, 1), 0L},
      {tuple(2, 2), tuple(Long.MAX_VALUE, 1), 0L},
      {tuple(2), tuple(1), Long.MAX_VALUE},
      {tuple(-2), tuple(1), 0L},
      {tuple(2), tuple(-1), 4L},
      {tuple(2, 2), tuple(1, 1), 0L},
      {tuple(2), tuple(), 0L},
      {tuple(1L << 40), tuple(0), 0L},
    };
    for (Object[] lie : lies) {
      byte[] pickle = tensor(8, number((Long) lie[2]), (String) lie[0], (String) lie[1]);
      refused(torch(pickle, eight), "a tensor", 4);
    }
  }

  @Test
  public void aStorageHasTheSizeItIsSaidToHave() throws IOException {
    String one = tuple(1);
    refused(torch(tensor(8, number(0), one, one), Map.of()), "storage 0 is missing", 4);
    for (long lie : new long[] {7, 9, 1L << 40, Long.MAX_VALUE}) {
      byte[] pickle = tensor(lie, number(0), one, one);
      refused(torch(pickle, Map.of("a/data/0", new byte[32])), "storage 0 has 32 bytes", 4);
    }
    refused(
        torch(tensor(-1, number(0), one, one), Map.of("a/data/0", new byte[32])),
        "not the storage of a tensor",
        4);
    byte[] old = Files.readAllBytes(Resources.file("state-dict.old.pth"));
    // the first storage's length is the first eight bytes behind the last pickle
    int at = new String(old, StandardCharsets.ISO_8859_1).lastIndexOf("e.") + 2;
    for (long lie : new long[] {3, -1, 1L << 40, Long.MAX_VALUE}) {
      byte[] changed = old.clone();
      ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(at, lie);
      refused(pickle(changed), "elements, but 2 are declared", 4);
    }
  }

  @Test
  public void aPackedStorageIsNotUnpacked() throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file()))) {
      zip.putNextEntry(new ZipEntry("a/data.pkl"));
      zip.write(tensor(1 << 26, number(0), tuple(1 << 26), tuple(1)));
      zip.putNextEntry(new ZipEntry("a/data/0"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 256; i++) {
        zip.write(zeros);
      }
    }
    assertTrue("256 MiB of zeros in less than one", Files.size(file()) < 1 << 20);
    refused(file(), "storage 0 is compressed", 4);
  }

  @Test
  public void aPickleIsReadAsFarAsItIsSane() throws IOException {
    // lists, marks, memo entries, strings: everything that one byte can multiply
    refused(torch(repeated("\u0080\u0002", "]", 1 << 22, "."), Map.of()), "objects", 200);
    refused(torch(repeated("\u0080\u0002", "(", 1 << 22, "."), Map.of()), "objects", 200);
    refused(torch(repeated("\u0080\u0002]", "2", 1 << 22, "."), Map.of()), "objects", 200);
    refused(torch(repeated("\u0080\u0004]", "\u0094", 1 << 22, "."), Map.of()), "objects", 200);
    refused(torch(repeated("\u0080\u0002X\0\0\0\u0001", "a", 1 << 24, "."), Map.of()), "MiB", 80);
    refused(pickle(ascii("\u0080\u0002X\u00ff\u00ff\u00ff\u00ffa.")), "MiB", 4);
    refused(pickle(ascii("\u0080\u0004\u008e\0\0\0\0\0\0\0\u0080.")), "MiB", 4);
    refused(pickle(ascii("\u0080\u0002X\0\0\u00f0\0abc")), "cut off", 4);
    refused(pickle(ascii("\u0080\u0002\u008b\u00ff\u00ff\0\0.")), "integer of 65535 bytes", 4);
    // a list of 100,000 pairs, turned into an ordered dict again and again
    StringBuilder again = new StringBuilder("\u0080\u0002](");
    again.append("K\u0001K\u0002\u0086".repeat(100_000)).append("eq\0");
    again.append("ccollections\nOrderedDict\nq\u0001");
    again.append("h\u0001h\0\u0085R".repeat(50_000)).append('.');
    refused(torch(ascii(again.toString()), Map.of()), "objects", 200);
  }

  @Test
  public void aPickleDoesWhatItMustOrIsRefused() throws IOException {
    for (String nonsense :
        List.of(
            ".",
            "0.",
            "1.",
            "2.",
            "t.",
            "a.",
            "]a.",
            "}s.",
            "(K\u0001u.",
            "](K\u0001u.",
            "h\0.",
            "]q",
            "K\u0001)R.",
            ")a.",
            "(.",
            "K\u0001b.",
            "Q.",
            "K\u0001Q.",
            "\u0081.",
            "\u0085.",
            "c",
            "I1",
            "Ix\n.",
            "L99999999999999999999999999999999999999999999999999999999999999999\n.",
            "Fx\n.",
            "gx\n.",
            "p-1\n.",
            "r",
            "\u0093.",
            "K\u0001K\u0002\u0093.",
            "\u00ff.")) {
      refused(pickle(ascii("\u0080\u0002" + nonsense)), "its pickle ", 4);
    }
    refused(pickle(ascii("\u0080\u0063.")), "protocol 99", 4);
    refused(pickle(ascii("\u0080\u0002\u0082\u0001.")), "extension registry", 4);
    refused(pickle(ascii("\u0080\u0002(ios\nsystem\n.")), "refers to os.system", 4);
    refused(pickle(ascii("\u0080\u0002ctorch._utils\n_rebuild_q\n.")), "_rebuild_q", 4);
    refused(pickle(ascii("\u0080\u0002(cos\nsystem\no.")), "refers to os.system", 4);
    refused(pickle(ascii("\u0080\u0002ctorch\nQInt8Storage\n.")), "torch.QInt8Storage", 4);
    // a terminal shall not obey a name
    String message =
        refused(
            pickle(ascii("\u0080\u0004\u008c\u0008a\u001b[2J\nbb\u008c\u0001c\u0093.")),
            "a?[2J?bb.c",
            4);
    assertTrue(message, message.chars().noneMatch(Character::isISOControl));
  }

  @Test
  public void aContainerMayHoldItself() throws IOException {
    refused(torch(ascii("\u0080\u0002]q\0h\0a."), Map.of()), "in a circle", 4);
    refused(torch(ascii("\u0080\u0002}q\0X\u0001\0\0\0ah\0s."), Map.of()), "in a circle", 4);
    // as its own key
    refused(torch(ascii("\u0080\u0002}q\0h\0h\0s."), Map.of()), "no tensors", 4);
  }

  @Test
  public void aMillionTensorsOfOneStorageCostNoMoreThanTheirNames() throws IOException {
    String one = new String(tensor(8, number(0), tuple(8), tuple(1)), StandardCharsets.ISO_8859_1);
    // the tensor stays in the memo and is put into a list again and again
    String tensor = one.substring(one.indexOf("ctorch._utils"), one.length() - 2);
    byte[] pickle = ascii("\u0080\u0002](" + tensor + "q\0" + "h\0".repeat(1_000_000) + "e.");
    refused(torch(pickle, Map.of("a/data/0", new byte[32])), "more than 65536 tensors", 120);
    byte[] fewer = ascii("\u0080\u0002](" + tensor + "q\0" + "h\0".repeat(60_000) + "e.");
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try (TensorFile file = TensorFiles.open(torch(fewer, Map.of("a/data/0", new byte[32])))) {
      assertEquals(60_001, file.tensors().size());
      assertEquals(8, file.floats("60000").values().length);
    }
    assertTrue(THREADS.getCurrentThreadAllocatedBytes() - before < 64 << 20);
  }

  // ------------------------------------------------------------------------------------- archives

  @Test
  public void anArchiveHasEachNameOnce() throws IOException {
    byte[] zip = Files.readAllBytes(Resources.file("versions.npz"));
    String text = new String(zip, StandardCharsets.ISO_8859_1);
    Files.write(file(), ascii(text.replace("v2.npy", "v1.npy")));
    refused(file(), "two entries of one name", 4);
  }

  private Path npz(String header, byte[] data) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file()))) {
      zip.putNextEntry(new ZipEntry("w.npy"));
      zip.write(ascii("\u0093NUMPY\u0001\0"));
      zip.write(header.length() & 0xff);
      zip.write(header.length() >> 8);
      zip.write(ascii(header));
      zip.write(data);
    }
    return file();
  }

  private static String header(String shape) {
    return "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
  }

  @Test
  public void anArrayHasTheShapeItIsSaidToHave() throws IOException {
    try (TensorFile file = TensorFiles.open(npz(header("(2,)"), new byte[8]))) {
      assertEquals(2, file.floats("w").values().length);
    }
    refused(npz(header("(3,)"), new byte[8]), "array w has 8 bytes", 4);
    refused(npz(header("(1,)"), new byte[8]), "array w has 8 bytes", 4);
    refused(npz(header("(-2,)"), new byte[8]), "impossible shape", 4);
    refused(npz(header("(4294967296, 4294967296)"), new byte[8]), "impossible shape", 4);
    refused(npz(header("(1099511627776,)"), new byte[8]), "more than 2^31-9", 4);
    refused(npz(header("(2, x)"), new byte[8]), "has the shape", 4);
    refused(npz(header("(99999999999999999999,)"), new byte[8]), "has the shape", 4);
    refused(npz(header("(2,)").replace("}", "'descr': 'x'"), new byte[8]), "plain numbers", 4);
    refused(npz(header("(2,)").replace("<f4", "<f3"), new byte[8]), "dtype <f3", 4);
    refused(npz("{" + "'a': (), ".repeat(6000) + "}", new byte[8]), "plain numbers", 8);
    refused(npz(header("(" + "1,".repeat(40) + ")"), new byte[4]), "a tensor has shape", 4);
  }

  @Test
  public void aDamagedArrayIsNoticed() throws IOException {
    byte[] zip = Files.readAllBytes(Resources.file("versions.npz"));
    int at = new String(zip, StandardCharsets.ISO_8859_1).indexOf("v3.npy");
    byte[] value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(-3).array();
    while (!Arrays.equals(value, Arrays.copyOfRange(zip, at, at + 4))) {
      at++;
    }
    zip[at] ^= 1;
    try (TensorFile file = TensorFiles.open(Files.write(file(), zip))) {
      assertEquals(6, file.floats("v2").values().length);
      assertTrue(
          assertThrows(RigException.class, () -> file.floats("v3"))
              .getMessage()
              .contains("check sum"));
    }
  }

  @Test
  public void opensAnArchiveOfZerosWithoutUnpackingIt() throws IOException {
    byte[] zeros = new byte[1 << 20];
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file()))) {
      zip.putNextEntry(new ZipEntry("w.npy"));
      String header = header("(67108864,)");
      zip.write(ascii("\u0093NUMPY\u0001\0" + (char) header.length() + "\0" + header));
      for (int i = 0; i < 256; i++) {
        zip.write(zeros);
      }
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try (TensorFile file = TensorFiles.open(file())) {
      assertEquals(List.of(1L << 26), file.tensors().get("w").shape());
    }
    assertTrue(THREADS.getCurrentThreadAllocatedBytes() - before < 4 << 20);
  }

  @Test
  public void anEntryCannotBeLargerThanItsBytesAllow() throws IOException {
    byte[] zip = Files.readAllBytes(npz(header("(2,)"), new byte[8]));
    int directory = new String(zip, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
    ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 24, 0x7fffffff);
    refused(Files.write(file(), zip), "claims to hold 2147483647 bytes", 4);
  }

  // ------------------------------------------------------------------------------------- mutations

  /**
   * Opens a file and reads, as an import does, the tensors that have the shapes they should have.
   */
  private static void read(Path path, Map<String, List<Long>> shapes) {
    try (TensorFile file = TensorFiles.open(path)) {
      file.tensors()
          .forEach(
              (name, info) -> {
                if (info.shape().equals(shapes.get(name))) {
                  file.floats(name);
                }
              });
    } catch (RigException e) {
      assertEquals(e.getMessage(), 1, e.getMessage().lines().count());
    }
  }

  private void mutate(String name, byte[] good, int rounds) throws IOException {
    Path original = Files.write(file(), good);
    Map<String, List<Long>> shapes = new HashMap<>();
    try (TensorFile file = TensorFiles.open(original)) {
      file.tensors().forEach((tensor, info) -> shapes.put(tensor, info.shape()));
    }
    SplittableRandom random = new SplittableRandom(7);
    int[] telling = {0, 1, 0x7f, 0x80, 0xff, '(', ')', '.', 'R', 'Q', '}', '\n'};
    for (int round = 0; round < rounds; round++) {
      byte[] bad = good.clone();
      int changes = 1 + random.nextInt(4);
      for (int change = 0; change < changes; change++) {
        int at = random.nextInt(bad.length);
        switch (random.nextInt(5)) {
          case 0 -> bad = Arrays.copyOf(bad, Math.max(1, at));
          case 1 -> bad[at] = (byte) telling[random.nextInt(telling.length)];
          case 2 -> bad[at] ^= (byte) (1 << random.nextInt(8));
          case 3 -> {
            // a stretch repeated somewhere else
            int from = random.nextInt(bad.length);
            int n = Math.min(random.nextInt(24), bad.length - Math.max(at, from));
            System.arraycopy(bad.clone(), from, bad, at, n);
          }
          default -> bad[at] = (byte) random.nextInt(256);
        }
      }
      Path path = Files.write(file(), bad);
      try {
        read(path, shapes);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(name + ", round " + round, e);
      }
    }
  }

  @Test(timeout = 300_000)
  public void noMutationIsMoreThanAnError() throws IOException {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    int rounds = 1500;
    for (String name :
        List.of(
            "dtypes.zip.pth",
            "dtypes.old.pth",
            "strides.zip.pth",
            "strides.old.pth",
            "containers.zip.pth",
            "containers.old.pth",
            "stored.npz",
            "deflated.npz",
            "versions.npz")) {
      mutate(name, Files.readAllBytes(Resources.file(name)), rounds);
    }
    ByteArrayOutputStream safetensors = new ByteArrayOutputStream();
    write(safetensors);
    mutate("safetensors", safetensors.toByteArray(), rounds);
    long each = (THREADS.getCurrentThreadAllocatedBytes() - before) / (10L * rounds);
    assertTrue("one took " + (each >> 10) + " KiB on average", each < 8 << 20);
  }

  private static void write(OutputStream out) throws IOException {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[16,22]}}";
    out.write(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length()).array());
    out.write(ascii(header));
    out.write(new byte[22]);
  }
}
