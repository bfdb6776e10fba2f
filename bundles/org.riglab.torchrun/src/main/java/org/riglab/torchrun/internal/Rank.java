package org.riglab.torchrun.internal;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.riglab.base.Json;

/** The connection to one process. Messages are two lengths, JSON, and bytes. */
final class Rank implements AutoCloseable {
  private static final int CHUNK = 1 << 18;
  private static final int MOST = 1 << 20;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final byte[] chunk = new byte[CHUNK];

  /**
   * @param socket closed with this
   * @throws IOException if it is closed already
   */
  Rank(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new DataOutputStream(socket.getOutputStream());
  }

  /**
   * @param message the JSON
   * @param data bytes behind it, each buffer from its position to its limit; not changed
   * @throws IOException if the process has ended
   */
  synchronized void send(Map<String, ?> message, List<ByteBuffer> data) throws IOException {
    byte[] json = Json.line(message).getBytes(StandardCharsets.UTF_8);
    long bytes = data.stream().mapToLong(ByteBuffer::remaining).sum();
    ByteBuffer head = ByteBuffer.allocate(12 + json.length);
    out.write(head.putInt(json.length).putLong(bytes).put(json).array());
    for (ByteBuffer buffer : data) {
      ByteBuffer rest = buffer.duplicate();
      while (rest.hasRemaining()) {
        int count = Math.min(CHUNK, rest.remaining());
        rest.get(chunk, 0, count);
        out.write(chunk, 0, count);
      }
    }
    out.flush();
  }

  /**
   * @return the next message
   * @throws IOException if the process has ended
   */
  Map<String, Object> receive() throws IOException {
    int length = in.readInt();
    long bytes = in.readLong();
    if (length < 2 || length > MOST || bytes != 0) {
      throw new IOException("no message of a process: %d and %d bytes".formatted(length, bytes));
    }
    byte[] json = new byte[length];
    in.readFully(json);
    return Json.parse(json, "process");
  }

  /**
   * @param milliseconds that the first message may take; 0 for any time
   * @throws IOException if the connection is closed
   */
  void patience(int milliseconds) throws IOException {
    socket.setSoTimeout(milliseconds);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // the other side has ended
      return;
    }
  }
}
