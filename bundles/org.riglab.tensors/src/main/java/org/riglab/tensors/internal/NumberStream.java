package org.riglab.tensors.internal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.riglab.tensors.Dtype;

/** Numbers in a stream of bytes, read forwards. */
final class NumberStream {
  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final Dtype dtype;
  private final ByteBuffer buffer;
  private long first; // index of the number at the buffer's start
  private int count; // numbers in the buffer
  private long at;

  NumberStream(InputStream in, Dtype dtype, ByteOrder order) {
    this.in = in;
    this.dtype = dtype;
    this.buffer = ByteBuffer.allocate(BUFFER).order(order);
  }

  /**
   * @param index of the number to read next; not in front of the current one
   */
  void seek(long index) throws IOException {
    at = index;
  }

  /** Reads n numbers. */
  void read(float[] to, int start, int n) throws IOException {
    int done = 0;
    while (done < n) {
      if (at >= first + count) {
        load();
      }
      int from = (int) (at - first);
      int some = Math.min(n - done, count - from);
      int size = dtype.bytes();
      ByteBuffer part = buffer.slice(from * size, some * size).order(buffer.order());
      dtype.floats(part, to, start + done, some);
      at += some;
      done += some;
    }
  }

  private void load() throws IOException {
    in.skipNBytes((at - first - count) * dtype.bytes());
    int bytes = in.readNBytes(buffer.array(), 0, BUFFER);
    first = at;
    count = bytes / dtype.bytes();
    if (count == 0) {
      throw new EOFException("it ends too early");
    }
  }
}
