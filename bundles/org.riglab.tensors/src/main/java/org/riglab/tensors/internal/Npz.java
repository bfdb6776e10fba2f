package org.riglab.tensors.internal;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import org.riglab.api.RigException;
import org.riglab.base.Names;
import org.riglab.tensors.Dtype;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFiles;

/**
 * An open npz file: a zip archive of npy arrays, stored or deflated, format versions 1 to 3
 * (NumPy's {@code numpy.lib.format}), either byte order, C or Fortran order.
 */
public final class Npz implements TensorFile {
  private static final String SUFFIX = ".npy";
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 16;
  private static final Pattern ITEM =
      Pattern.compile("\\s*'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([^()]*\\))\\s*,?");
  private static final Pattern DESCR = Pattern.compile("([<>|=]?)([fiub])([1248])");

  private final Path file;
  private final CheckedZip archive;
  private final Map<String, Array> arrays = new LinkedHashMap<>();
  private final Map<String, Info> tensors = new LinkedHashMap<>();

  private record Array(String entry, long start, Dtype dtype, ByteOrder order, Layout layout) {}

  public Npz(Path file, CheckedZip archive) throws IOException {
    this.file = file;
    this.archive = archive;
    for (ZipEntry entry : archive.entries().values()) {
      if (entry.getName().endsWith(SUFFIX)) {
        String path = entry.getName();
        String name = TensorNames.checked(path.substring(0, path.length() - SUFFIX.length()));
        Array array = header(name, entry);
        arrays.put(name, array);
        tensors.put(name, new Info(array.dtype, array.layout.shape()));
      }
    }
  }

  /** Whether an archive looks like an npz file. */
  public static boolean looksLike(CheckedZip archive) {
    return archive.entries().keySet().stream().anyMatch(name -> name.endsWith(SUFFIX));
  }

  private Array header(String name, ZipEntry entry) throws IOException {
    try (InputStream stream = archive.open(entry.getName());
        DataInputStream in = new DataInputStream(stream)) {
      byte[] magic = in.readNBytes(MAGIC.length);
      int major = in.read();
      in.read(); // the minor version is always 0
      if (!java.util.Arrays.equals(magic, MAGIC) || major < 1 || major > 3) {
        throw new IOException("array " + name + " is no npy array of version 1, 2 or 3");
      }
      int lengthBytes = major == 1 ? 2 : 4;
      long length = 0;
      for (int i = 0; i < lengthBytes; i++) {
        length |= (long) in.readUnsignedByte() << 8 * i;
      }
      if (length > MAX_HEADER) {
        throw new IOException("array " + name + " has a header of " + length + " bytes");
      }
      byte[] header = new byte[(int) length];
      in.readFully(header);
      long start = MAGIC.length + 2 + lengthBytes + length;
      String text =
          new String(header, major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
      return array(name, entry, start, items(name, text));
    }
  }

  /** Reads the Python dict of a header. */
  private static Map<String, String> items(String name, String header) throws IOException {
    String text = header.strip();
    Map<String, String> items = new LinkedHashMap<>();
    if (text.startsWith("{") && text.endsWith("}")) {
      String inside = text.substring(1, text.length() - 1);
      Matcher matcher = ITEM.matcher(inside);
      int end = 0;
      while (matcher.region(end, inside.length()).lookingAt()) {
        items.put(matcher.group(1), matcher.group(2));
        end = matcher.end();
      }
      if (inside.substring(end).isBlank()
          && items.keySet().equals(java.util.Set.of("descr", "fortran_order", "shape"))) {
        return items;
      }
    }
    throw new IOException(
        "array " + name + " does not hold plain numbers: its header is " + Names.shown(text));
  }

  private static Array array(String name, ZipEntry entry, long start, Map<String, String> items)
      throws IOException {
    String descr = items.get("descr").replace("'", "");
    Matcher matcher = DESCR.matcher(descr);
    Dtype dtype = matcher.matches() ? dtype(matcher.group(2) + matcher.group(3)) : null;
    if (dtype == null) {
      throw new IOException(
          "array "
              + name
              + " has dtype "
              + Names.shown(descr)
              + "; known are f2, f4, f8, i1 to i8, u1 to u8 and b1");
    }
    List<Long> shape = shape(name, items.get("shape"));
    Layout layout =
        items.get("fortran_order").equals("True") ? Layout.columns(shape) : Layout.rows(shape);
    long count = Layout.count(shape);
    layout.check(count);
    long bytes = entry.getSize() - start;
    if (count * dtype.bytes() != bytes) {
      throw new IOException(
          "array %s has %d bytes, but %s of shape %s needs %d"
              .formatted(name, bytes, dtype.torch(), shape, count * dtype.bytes()));
    }
    ByteOrder order = matcher.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return new Array(entry.getName(), start, dtype, order, layout);
  }

  private static Dtype dtype(String descr) {
    return switch (descr) {
      case "f2" -> Dtype.F16;
      case "f4" -> Dtype.F32;
      case "f8" -> Dtype.F64;
      case "i1" -> Dtype.I8;
      case "i2" -> Dtype.I16;
      case "i4" -> Dtype.I32;
      case "i8" -> Dtype.I64;
      case "u1" -> Dtype.U8;
      case "u2" -> Dtype.U16;
      case "u4" -> Dtype.U32;
      case "u8" -> Dtype.U64;
      case "b1" -> Dtype.BOOL;
      default -> null;
    };
  }

  private static List<Long> shape(String name, String tuple) throws IOException {
    List<Long> shape = new ArrayList<>();
    String inside = tuple.startsWith("(") ? tuple.substring(1, tuple.length() - 1).strip() : "?";
    for (String size : inside.isEmpty() ? new String[0] : inside.split(",")) {
      // Python 2 wrote an L behind long integers.
      String digits = size.strip().replaceFirst("L$", "");
      if (!digits.matches("-?\\d{1,18}")) {
        throw new IOException("array " + name + " has the shape " + Names.shown(tuple));
      }
      shape.add(Long.valueOf(digits));
    }
    return shape;
  }

  @Override
  public String format() {
    return "npz";
  }

  @Override
  public Map<String, Info> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public HostTensor floats(String name) {
    Array array = arrays.get(name);
    if (array == null) {
      throw new RigException(
          RigException.Kind.NOT_FOUND, "cannot read " + file + ": there is no array " + name);
    }
    CRC32 sum = new CRC32();
    try (InputStream in = new CheckedInputStream(archive.open(array.entry), sum)) {
      in.skipNBytes(array.start);
      float[] values = array.layout.read(in, array.dtype, array.order);
      if (in.read() >= 0) {
        throw new IOException("array " + name + " is longer than its shape says");
      }
      long expected = archive.entries().get(array.entry).getCrc();
      if (sum.getValue() != expected) {
        throw new IOException("array " + name + " is damaged: its check sum is wrong");
      }
      return new HostTensor(array.layout.shape(), values);
    } catch (IOException e) {
      throw TensorFiles.failure(file, e);
    }
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public void close() {
    TensorFiles.closeQuietly(archive);
  }
}
