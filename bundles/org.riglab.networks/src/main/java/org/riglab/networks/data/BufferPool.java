package org.riglab.networks.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Direct buffers that are used again: DJL takes such a buffer as it is, and memory outside the heap
 * does not wait for the garbage collector.
 */
public final class BufferPool {
  private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();

  /**
   * @param bytes how many are needed
   * @return a buffer of at least that capacity, with anything in it
   */
  public ByteBuffer take(int bytes) {
    ByteBuffer buffer = free.poll();
    return buffer != null && buffer.capacity() >= bytes
        ? buffer
        : ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  public void giveBack(ByteBuffer buffer) {
    free.add(buffer);
  }
}
