package org.riglab.engine.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.riglab.api.RigException;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.base.FileFailures;

/**
 * Finds out for which architectures a library has GPU code. The CUDA compiler puts the code of a
 * source file into a "fat binary": a header (magic number, header size, size of what follows), then
 * one entry per architecture (kind, header size, size of what follows, architecture).
 */
final class Architectures {
  private static final int MAGIC = 0xBA55ED50;
  private static final int HEADER = 16;
  private static final int MACHINE_CODE = 2;
  private static final int ARCHITECTURE = 28; // offset in an entry
  private static final int ENTRY = 64; // least size of an entry's header
  private static final int LARGEST_ENTRY = 4096;
  private static final long WINDOW = 1L << 30;
  private static final long OVERLAP = 1L << 16;

  private final SortedSet<ComputeCapability> found = new TreeSet<>();
  private final FileChannel channel;

  private Architectures(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @param library an ELF file
   * @return the architectures in order; empty if it has no GPU code
   * @throws RigException if it cannot be read
   */
  static List<ComputeCapability> of(Path library) {
    try (FileChannel channel = FileChannel.open(library)) {
      Architectures search = new Architectures(channel);
      search.run();
      return List.copyOf(search.found);
    } catch (IOException e) {
      throw FileFailures.reading(library, e);
    }
  }

  private void run() throws IOException {
    long size = channel.size();
    for (long start = 0; start < size; start += WINDOW - OVERLAP) {
      MappedByteBuffer bytes =
          channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(WINDOW, size - start));
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      // Fat binaries are aligned to eight bytes.
      for (int i = 0; i + HEADER <= bytes.limit(); i += Long.BYTES) {
        if (bytes.getInt(i) == MAGIC && bytes.getShort(i + 6) == HEADER) {
          entries(start + i + HEADER, bytes.getLong(i + 8));
        }
      }
    }
  }

  private void entries(long start, long size) throws IOException {
    if (size <= 0 || size > channel.size() - start) {
      return;
    }
    ByteBuffer entry = ByteBuffer.allocate(ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    long at = start;
    while (at + ENTRY <= start + size) {
      entry.clear();
      if (channel.read(entry, at) < ENTRY) {
        return;
      }
      int header = entry.getInt(4);
      long code = entry.getLong(8);
      if (header < ENTRY || header > LARGEST_ENTRY || code < 0 || code > size) {
        return;
      }
      if (entry.getShort(0) == MACHINE_CODE) {
        found.add(ComputeCapability.ofNumber(entry.getInt(ARCHITECTURE)));
      }
      at += header + code;
    }
  }
}
