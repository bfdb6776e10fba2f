package org.riglab.engine.internal;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Writes the body of an answer to a file as it comes in. The client's stream drops what was
 * received, but not read yet, when the connection fails.
 */
final class Received implements HttpResponse.BodySubscriber<Void>, AutoCloseable {
  private final Path file;
  private final CompletableFuture<Void> body = new CompletableFuture<>();
  private FileChannel channel;
  private Flow.Subscription subscription;
  private long bytes;
  private boolean closed;

  /**
   * @param file is cut to this size first
   * @param present in bytes
   */
  Received(Path file, long present) {
    this.file = file;
    bytes = present;
  }

  /** How many bytes the file has. */
  synchronized long bytes() {
    return bytes;
  }

  @Override
  public CompletionStage<Void> getBody() {
    return body;
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    if (closed) {
      subscription.cancel();
      return;
    }
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.truncate(bytes);
      channel.position(bytes);
      subscription.request(1);
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> buffers) {
    if (closed) {
      return;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        while (buffer.hasRemaining()) {
          bytes += channel.write(buffer);
        }
      }
      subscription.request(1);
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(IOException e) {
    subscription.cancel();
    body.completeExceptionally(e);
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(null);
  }

  /** Nothing is written from now on. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (channel != null) {
      channel.close();
    }
  }
}
