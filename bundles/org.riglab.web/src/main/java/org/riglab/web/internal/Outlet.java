package org.riglab.web.internal;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.ArrayDeque;

/** What one client has yet to take. Never waits: bytes go when the connection has room for them. */
final class Outlet implements WriteListener {
  /** Bytes that are kept for a client. */
  static final int MOST_BYTES = 256 << 10;

  private final ServletOutputStream out;
  private final Runnable gone;
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private int bytes;
  private boolean ready;
  private boolean flushed = true;
  private boolean closed;

  /**
   * @param out non-blocking once this is its listener
   * @param gone called when the client has closed the connection
   */
  Outlet(ServletOutputStream out, Runnable gone) {
    this.out = out;
    this.gone = gone;
  }

  /**
   * Buffers bytes, and sends what can be sent without blocking.
   *
   * @return whether there was room for them
   */
  boolean offer(byte[] message) {
    boolean broken;
    synchronized (this) {
      if (closed) {
        return true;
      }
      if (bytes + message.length > MOST_BYTES) {
        return false;
      }
      waiting.add(message);
      bytes += message.length;
      broken = ready && !pump();
    }
    if (broken) {
      gone.run();
    }
    return true;
  }

  @Override
  public void onWritePossible() {
    boolean broken;
    synchronized (this) {
      ready = true;
      broken = !closed && !pump();
    }
    if (broken) {
      gone.run();
    }
  }

  /** Returns false if the connection is broken. Sets {@code ready} to whether it may be written. */
  private boolean pump() {
    try {
      while (true) {
        if (!out.isReady()) {
          ready = false;
          return true;
        }
        byte[] next = waiting.poll();
        if (next != null) {
          bytes -= next.length;
          flushed = false;
          out.write(next);
        } else if (!flushed) {
          flushed = true;
          out.flush();
        } else {
          return true;
        }
      }
    } catch (IOException | IllegalStateException e) {
      closed = true;
      return false;
    }
  }

  @Override
  public void onError(Throwable failure) {
    gone.run();
  }

  synchronized void close() {
    closed = true;
    waiting.clear();
  }
}
