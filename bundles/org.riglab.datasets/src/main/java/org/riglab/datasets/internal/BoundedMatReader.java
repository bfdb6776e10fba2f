package org.riglab.datasets.internal;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.InflaterInputStream;
import org.riglab.api.RigException;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5Reader;
import us.hebi.matlab.mat.format.Mat5Tag;
import us.hebi.matlab.mat.format.Mat5Type;
import us.hebi.matlab.mat.types.AbstractSource;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;

/**
 * The library's reader, which believes what a file says about sizes, with a bound on the memory
 * that it may ask for and on how deep arrays nest.
 */
final class BoundedMatReader extends Mat5Reader implements AutoCloseable {
  private static final int MOST_DEPTH = 8;
  private static final int MOST_NAMES = 1 << 20;
  private static final int REFERENCE = 8;

  private final Budget budget;
  private int depth;

  /**
   * @param bytes of a file
   * @param most bytes that all arrays together may take
   * @param wanted which variables to read
   */
  BoundedMatReader(byte[] bytes, int most, EntryFilter wanted) {
    this(new Bytes(bytes), new Budget(most));
    disableSubsystemProcessing();
    setEntryFilter(
        header -> {
          ((Bytes) source).used = wanted.isAccepted(header);
          return ((Bytes) source).used;
        });
  }

  private BoundedMatReader(Source source, Budget budget) {
    super(source);
    this.budget = budget;
    setBufferAllocator(budget);
  }

  /**
   * After all variables were read: reads on to the checksum of those that were compressed.
   *
   * @throws IOException if it is wrong
   */
  void requireChecksums() throws IOException {
    for (InputStream inflated : ((Bytes) source).open) {
      if (inflated.read() >= 0) {
        throw new IOException("more data than its elements say");
      }
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  @Override
  protected Mat5Reader createChildReader(Source source) {
    return new BoundedMatReader(source, budget).setEntryFilter(filter);
  }

  @Override
  protected Mat5Tag readTagWithExpectedType(Mat5Type expected) throws IOException {
    Mat5Tag tag = super.readTagWithExpectedType(expected);
    if (expected == Mat5Type.Matrix) {
      budget.require(tag.getNumBytes(), budget.most);
    } else {
      // Flags, dimensions and names are allocated at once
      budget.take(tag.getNumBytes(), MOST_NAMES);
    }
    return tag;
  }

  @Override
  protected Array readNestedArray() throws IOException {
    if (++depth > MOST_DEPTH) {
      throw new IOException("arrays within arrays, more than " + MOST_DEPTH + " deep");
    }
    try {
      return super.readNestedArray();
    } finally {
      depth--;
    }
  }

  @Override
  protected Cell readCell(EntryHeader header) throws IOException {
    budget.take((long) REFERENCE * header.getNumElements(), budget.most);
    return (Cell) super.readCell(header);
  }

  @Override
  protected Array[][] readValues(EntryHeader header, int fields, String[] names)
      throws IOException {
    // An array of fields has a head of about two references
    budget.take((long) REFERENCE * fields * (header.getNumElements() + 2L), budget.most);
    return super.readValues(header, fields, names);
  }

  /** Hands out memory until there is none left. */
  private static final class Budget implements BufferAllocator {
    private final int most;
    private long left;

    Budget(int most) {
      this.most = most;
      this.left = most;
    }

    void require(long bytes, int limit) {
      if (bytes < 0 || bytes > Math.min(left, limit)) {
        throw new RigException(
            "claims more data than a label map of at most %,d bytes has".formatted(most));
      }
    }

    void take(long bytes, int limit) {
      require(bytes, limit);
      left -= bytes;
    }

    @Override
    public ByteBuffer allocate(int bytes) {
      take(bytes, most);
      return ByteBuffer.allocate(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {
      // The collector's
    }
  }

  /**
   * The bytes of a file. Unlike the library's source, closes the inflaters that it opens; those of
   * variables that are used when it is closed itself.
   */
  private static final class Bytes extends AbstractSource {
    private final byte[] bytes;
    private int position;
    private final List<InputStream> open = new ArrayList<>();
    private boolean used;

    Bytes(byte[] bytes) {
      super(0);
      this.bytes = bytes;
    }

    @Override
    public long getPosition() {
      return position;
    }

    @Override
    public void readBytes(byte[] buffer, int offset, int length) throws IOException {
      int from = advance(length);
      System.arraycopy(bytes, from, buffer, offset, length);
    }

    @Override
    public Source readInflated(int length, int inflateBufferSize) throws IOException {
      InputStream inflated = new InflaterInputStream(readBytesAsStream(length));
      open.add(inflated);
      used = false;
      return Sources.wrapInputStream(
              new FilterInputStream(inflated) {
                @Override
                public void close() throws IOException {
                  // What is used is read to its end first
                  if (!used) {
                    super.close();
                    open.remove(inflated);
                  }
                }
              })
          .order(order());
    }

    @Override
    protected InputStream readBytesAsStream(long length) throws IOException {
      return new ByteArrayInputStream(bytes, advance(length), (int) length);
    }

    private int advance(long length) throws EOFException {
      if (length < 0 || length > bytes.length - position) {
        throw new EOFException("cut off at byte " + bytes.length);
      }
      int from = position;
      position += (int) length;
      return from;
    }

    @Override
    public boolean isMutatedByChildren() {
      return false;
    }

    @Override
    public void close() throws IOException {
      for (InputStream inflated : open) {
        inflated.close();
      }
    }
  }
}
