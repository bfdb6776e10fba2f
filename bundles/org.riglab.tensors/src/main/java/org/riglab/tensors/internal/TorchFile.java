package org.riglab.tensors.internal;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.riglab.api.RigException;
import org.riglab.base.Names;
import org.riglab.tensors.Dtype;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFiles;

/**
 * An open file of {@code torch.save}: a zip archive with a pickle and one entry per storage, or, as
 * before PyTorch 1.6, several pickles with the storages behind them. Pickles are read by {@link
 * PickleReader}, which runs nothing.
 */
public final class TorchFile implements TensorFile {
  /** What the old format starts with. */
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

  private static final long LEGACY_VERSION = 1001;
  private static final String PICKLE = "/data.pkl";

  private final Path file;
  private final String format;
  private final Storages storages;
  private final ByteOrder order;
  private final Map<String, PickleReader.Tensor> tensors;

  /** Where the storages' bytes are. */
  private interface Storages extends Closeable {
    /** The bytes of a storage from its start on. */
    InputStream open(PickleReader.Storage storage) throws IOException;
  }

  private TorchFile(
      Path file,
      String format,
      Storages storages,
      ByteOrder order,
      Map<String, PickleReader.Tensor> tensors) {
    this.file = file;
    this.format = format;
    this.storages = storages;
    this.order = order;
    this.tensors = tensors;
  }

  // ----------------------------------------------------------------------------------- zip format

  /** Whether an archive looks like one of PyTorch's. */
  public static boolean looksLike(CheckedZip archive) {
    return archive.entries().keySet().stream().anyMatch(name -> name.endsWith(PICKLE));
  }

  /**
   * Reads what an archive holds.
   *
   * @throws IOException if it is broken, or no file of tensors and containers
   */
  public static TorchFile zip(Path file, CheckedZip archive) throws IOException {
    List<String> pickles =
        archive.entries().keySet().stream()
            .filter(name -> name.indexOf('/') == name.length() - PICKLE.length())
            .filter(name -> name.endsWith(PICKLE))
            .toList();
    if (pickles.size() != 1) {
      throw new IOException("the archive has %d files data.pkl".formatted(pickles.size()));
    }
    String root = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length() + 1);
    if (archive.entries().containsKey(root + "constants.pkl")) {
      throw new IOException(
          "it is a TorchScript archive, which holds a program;"
              + " save a state_dict with torch.save instead");
    }
    Object tree;
    try (InputStream in = new BufferedInputStream(archive.open(pickles.get(0)))) {
      tree = PickleReader.read(in);
    }
    Map<String, PickleReader.Tensor> tensors = StateTree.flatten(tree);
    for (PickleReader.Tensor tensor : tensors.values()) {
      check(archive.entries().get(root + "data/" + tensor.storage().key()), tensor.storage());
    }
    return new TorchFile(
        file, "PyTorch (zip)", new Zipped(archive, root), order(archive, root), tensors);
  }

  private static void check(ZipEntry entry, PickleReader.Storage storage) throws IOException {
    String name = "storage " + Names.shown(storage.key());
    if (entry == null) {
      throw new IOException(name + " is missing");
    }
    // PyTorch never compresses them; a few bytes could unpack to anything.
    if (entry.getMethod() != ZipEntry.STORED) {
      throw new IOException(name + " is compressed; torch.save writes it as it is");
    }
    checkSize(name, entry.getSize(), storage);
  }

  private static void checkSize(String name, long bytes, PickleReader.Storage storage)
      throws IOException {
    int each = storage.dtype().bytes();
    if (bytes % each != 0 || bytes / each != storage.size()) {
      throw new IOException(
          "%s has %d bytes, but %d elements of %s are declared"
              .formatted(name, bytes, storage.size(), storage.dtype().torch()));
    }
  }

  /** Files of later versions say which byte order they have. */
  private static ByteOrder order(CheckedZip archive, String root) throws IOException {
    String name = root + "byteorder";
    if (!archive.entries().containsKey(name)) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    try (InputStream in = archive.open(name)) {
      String order = new String(in.readNBytes(16), StandardCharsets.US_ASCII);
      return switch (order) {
        case "little" -> ByteOrder.LITTLE_ENDIAN;
        case "big" -> ByteOrder.BIG_ENDIAN;
        default -> throw new IOException("its byte order is " + Names.shown(order));
      };
    }
  }

  private record Zipped(CheckedZip archive, String root) implements Storages {
    @Override
    public InputStream open(PickleReader.Storage storage) throws IOException {
      return archive.open(root + "data/" + storage.key());
    }

    @Override
    public void close() throws IOException {
      archive.close();
    }
  }

  // ----------------------------------------------------------------------------------- old format

  /**
   * Reads a file that starts with a pickle.
   *
   * @param channel at its start; belongs to the result
   * @throws IOException if it is broken, or no file of tensors and containers
   */
  public static TorchFile legacy(Path file, FileChannel channel) throws IOException {
    Counted in = new Counted(channel);
    if (!MAGIC.equals(known(in))) {
      throw new IOException("it is a pickle that was not written by torch.save");
    }
    if (!Long.valueOf(LEGACY_VERSION).equals(known(in))) {
      throw new IOException("its version is not one that torch.save writes");
    }
    if (!(known(in) instanceof Dict system) || !Boolean.TRUE.equals(system.get("little_endian"))) {
      throw new IOException("it was written on a machine that is not little-endian");
    }
    Map<String, PickleReader.Tensor> tensors = StateTree.flatten(PickleReader.read(in));
    Map<String, PickleReader.Storage> storages = new LinkedHashMap<>();
    for (PickleReader.Tensor tensor : tensors.values()) {
      PickleReader.Storage storage = tensor.storage();
      PickleReader.Storage other = storages.putIfAbsent(storage.key(), storage);
      if (other != null && (other.dtype() != storage.dtype() || other.size() != storage.size())) {
        throw new IOException(
            "storage " + Names.shown(storage.key()) + " is declared with two types");
      }
    }
    if (!(known(in) instanceof List<?> keys)) {
      throw new IOException("it has no list of storages");
    }
    Map<String, Long> starts = starts(channel, in.position(), keys, storages);
    return new TorchFile(
        file,
        "PyTorch (before 1.6)",
        new Appended(channel, starts),
        ByteOrder.LITTLE_ENDIAN,
        tensors);
  }

  /** What is no placeholder. */
  private static Object known(InputStream in) throws IOException {
    Object value = PickleReader.read(in);
    if (value instanceof PickleNames.Foreign foreign) {
      throw foreign.refusal();
    }
    return value;
  }

  /** Finds where each storage begins: they lie one after the other, each behind its length. */
  private static Map<String, Long> starts(
      FileChannel channel, long begin, List<?> keys, Map<String, PickleReader.Storage> storages)
      throws IOException {
    Map<String, Long> starts = new LinkedHashMap<>();
    long at = begin;
    for (Object key : keys) {
      PickleReader.Storage storage = key instanceof String text ? storages.get(text) : null;
      if (storage == null) {
        throw new IOException("its list of storages contains one that no tensor uses");
      }
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      while (length.hasRemaining()) {
        if (channel.read(length, at + length.position()) < 0) {
          throw new EOFException("it is cut off before storage " + Names.shown(storage.key()));
        }
      }
      at += Long.BYTES;
      long room = (channel.size() - at) / storage.dtype().bytes();
      if (length.getLong(0) != storage.size() || storage.size() > room) {
        throw new IOException(
            "storage %s has %d elements, but %d are declared and there is room for %d"
                .formatted(Names.shown(storage.key()), length.getLong(0), storage.size(), room));
      }
      if (starts.put(storage.key(), at) != null) {
        throw new IOException("storage " + Names.shown(storage.key()) + " is there twice");
      }
      at += storage.size() * storage.dtype().bytes();
    }
    for (String key : storages.keySet()) {
      if (!starts.containsKey(key)) {
        throw new IOException("storage " + Names.shown(key) + " is missing");
      }
    }
    return starts;
  }

  private record Appended(FileChannel channel, Map<String, Long> starts) implements Storages {
    @Override
    public InputStream open(PickleReader.Storage storage) throws IOException {
      channel.position(starts.get(storage.key()));
      return new FilterInputStream(Channels.newInputStream(channel)) {
        @Override
        public void close() {
          // The channel is the file's.
        }
      };
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** A buffered stream that knows how far it was read. */
  private static final class Counted extends InputStream {
    private final InputStream in;
    private long position;

    Counted(FileChannel channel) {
      in = new BufferedInputStream(Channels.newInputStream(channel));
    }

    @Override
    public int read() throws IOException {
      int value = in.read();
      position += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] to, int start, int n) throws IOException {
      int done = in.read(to, start, n);
      position += Math.max(0, done);
      return done;
    }

    long position() {
      return position;
    }
  }

  // -------------------------------------------------------------------------------------- tensors

  @Override
  public String format() {
    return format;
  }

  @Override
  public Map<String, Info> tensors() {
    Map<String, Info> infos = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            infos.put(name, new Info(tensor.storage().dtype(), tensor.layout().shape())));
    return Collections.unmodifiableMap(infos);
  }

  @Override
  public HostTensor floats(String name) {
    PickleReader.Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new RigException(
          RigException.Kind.NOT_FOUND, "cannot read " + file + ": there is no tensor " + name);
    }
    Layout layout = tensor.layout();
    Dtype dtype = tensor.storage().dtype();
    try (InputStream in = storages.open(tensor.storage())) {
      in.skipNBytes(tensor.storage().start() * dtype.bytes());
      return new HostTensor(layout.shape(), layout.read(in, dtype, order));
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
    TensorFiles.closeQuietly(storages);
  }
}
