package org.riglab.tensors.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.base.AtomicFile;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.LongTensor;
import org.riglab.tensors.Safetensors;

public class SafetensorsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path file() {
    return folder.getRoot().toPath().resolve("t.safetensors");
  }

  private Path file(String header, int... data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    for (int b : data) {
      bytes.put((byte) b);
    }
    return Files.write(file(), bytes.array());
  }

  @Test
  public void writesWhatItReads() throws IOException {
    Map<String, HostTensor> floats = new LinkedHashMap<>();
    floats.put("z", new HostTensor(List.of(3L), new float[] {1.5f, Float.NaN, -0f}));
    floats.put("a.weight", new HostTensor(List.of(), new float[] {7f}));
    floats.put("empty", new HostTensor(List.of(2L, 0L), new float[0]));
    LongTensor label = new LongTensor(List.of(1L, 2L), new long[] {255, Long.MIN_VALUE});
    Safetensors.write(file(), floats, Map.of("label", label), Map.of("format", "pt"));
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals("header aligned to 8 bytes", 0, bytes.getLong(0) % 8);
    assertEquals("int64 first", 255, bytes.getLong((int) (8 + bytes.getLong(0))));
    try (Safetensors read = Safetensors.open(file())) {
      assertEquals(
          List.of("label", "z", "a.weight", "empty"), List.copyOf(read.entries().keySet()));
      assertEquals(Map.of("format", "pt"), read.metadata());
      assertArrayEquals(label.values(), read.longs("label").values());
      assertArrayEquals(floats.get("z").values(), read.floats("z").values(), 0f);
      assertEquals(
          Float.floatToRawIntBits(-0f), Float.floatToRawIntBits(read.floats("z").values()[2]));
      assertEquals(List.of(), read.floats("a.weight").shape());
      assertEquals(List.of(2L, 0L), read.floats("empty").shape());
      assertTrue(
          assertThrows(RigException.class, () -> read.longs("z")).getMessage().contains("F32"));
    }
    try (Stream<Path> left = Files.list(folder.getRoot().toPath())) {
      assertEquals("no temporary file stays", List.of(file()), left.toList());
    }
  }

  @Test
  public void crossesBufferBorders() {
    float[] values = new float[(1 << 18) * 2 + 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    HostTensor tensor = new HostTensor(List.of((long) values.length), values);
    Safetensors.write(file(), Map.of("x", tensor), Map.of());
    assertArrayEquals(values, Safetensors.read(file()).get("x").values(), 0f);
  }

  @Test
  public void convertsOtherTypes() throws IOException {
    Path file =
        file(
            "{\"h\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[0,10]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[10,12]},"
                + "\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[12,13]},"
                + "\"i\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[13,17]},"
                + "\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[17,25]}}",
            0x01,
            0x00,
            0xff,
            0x7b,
            0x00,
            0xc0,
            0x55,
            0x35,
            0x00,
            0xfc, // F16
            0xc0,
            0xbf, // BF16
            0xff, // U8
            0xfe,
            0xff,
            0xff,
            0xff, // I32
            0,
            0,
            0,
            0,
            0,
            0,
            0xe0,
            0x3f); // F64
    Map<String, HostTensor> read = Safetensors.read(file);
    assertArrayEquals(
        new float[] {5.9604645e-8f, 65504f, -2f, 0.33325195f, Float.NEGATIVE_INFINITY},
        read.get("h").values(),
        0f);
    assertArrayEquals(new float[] {-1.5f}, read.get("b").values(), 0f);
    assertArrayEquals(new float[] {255f}, read.get("u").values(), 0f);
    assertArrayEquals(new float[] {-2f}, read.get("i").values(), 0f);
    assertArrayEquals(new float[] {0.5f}, read.get("d").values(), 0f);
  }

  private void assertBroken(String expected, String header, int... data) throws IOException {
    Path file = file(header, data);
    RigException e = assertThrows(RigException.class, () -> Safetensors.open(file));
    assertTrue(e.getMessage(), e.getMessage().contains(expected));
    assertTrue(e.getMessage(), e.getMessage().startsWith("cannot read " + file));
    assertEquals(1, e.getMessage().lines().count());
  }

  private static String tensor(String name, String shape, int begin, int end) {
    return "\"%s\":{\"dtype\":\"U8\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, shape, begin, end);
  }

  @Test
  public void refusesBrokenFiles() throws IOException {
    assertBroken("cut off", "{" + tensor("a", "[3]", 0, 3) + "}", 1, 2);
    assertBroken(
        "inside another",
        "{" + tensor("a", "[2]", 0, 2) + "," + tensor("b", "[2]", 1, 3) + "}",
        1,
        2,
        3);
    assertBroken(
        "behind a hole",
        "{" + tensor("a", "[1]", 0, 1) + "," + tensor("b", "[1]", 2, 3) + "}",
        1,
        2,
        3);
    assertBroken("needs 4", "{" + tensor("a", "[2,2]", 0, 3) + "}", 1, 2, 3);
    assertBroken("shape [-1]", "{" + tensor("a", "[-1]", 0, 1) + "}", 1);
    assertBroken("impossible", "{" + tensor("a", "[4294967296,4294967296]", 0, 1) + "}", 1);
    assertBroken(
        "twice", "{" + tensor("a", "[1]", 0, 1) + "," + tensor("a", "[1]", 1, 2) + "}", 1, 2);
    assertBroken("end at byte 1 of 2", "{" + tensor("a", "[1]", 0, 1) + "}", 1, 2);
    assertBroken("not JSON", "{\"a\":");
    assertBroken("laid out", "[1,2]");
    assertBroken("dtype F8", "{\"a\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
    assertBroken("lacks", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1);
  }

  @Test
  public void refusesAHeaderLongerThanTheFile() throws IOException {
    Files.write(file(), new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{', '}'});
    assertTrue(
        assertThrows(RigException.class, () -> Safetensors.open(file()))
            .getMessage()
            .contains("header's length"));
    Files.write(file(), new byte[] {1, 2});
    assertThrows(RigException.class, () -> Safetensors.open(file()));
    assertTrue(
        assertThrows(
                RigException.class, () -> Safetensors.open(folder.getRoot().toPath().resolve("no")))
            .getMessage()
            .contains("no such file"));
  }

  @Test
  public void keepsTheOldFileWhenWritingFails() throws IOException {
    Files.writeString(file(), "old");
    Map<String, HostTensor> wrong = Map.of("a", new HostTensor(List.of(2L), new float[3]));
    assertThrows(IllegalArgumentException.class, () -> Safetensors.write(file(), wrong, Map.of()));
    assertEquals("old", Files.readString(file()));
    try (Stream<Path> left = Files.list(folder.getRoot().toPath())) {
      assertEquals(List.of(file()), left.toList());
    }
  }

  /** As any other file that the user writes, not for the owner alone. */
  @Test
  public void filesHaveTheUsualPermissions() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path usual = Files.createFile(folder.getRoot().toPath().resolve("usual"));
    Path file = folder.getRoot().toPath().resolve("ours");
    AtomicFile.writeText(file, "x");
    assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(file));
  }
}
