package org.riglab.web.internal;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a file with non-blocking writes. */
final class Download extends AsyncExchange implements WriteListener {
  private static final Logger LOG = LoggerFactory.getLogger(Download.class);

  private final InputStream in;
  private final ServletOutputStream out;
  private final byte[] buffer = new byte[1 << 16];
  private long left;

  private Download(InputStream in, long size, AsyncContext context) throws IOException {
    super(context);
    this.in = in;
    this.left = size;
    this.out = context.getResponse().getOutputStream();
  }

  /**
   * @param call whose headers have been set
   * @param in closed at the end
   * @param size bytes to send: a file that grows meanwhile is cut there
   */
  static void send(Call call, InputStream in, long size) throws IOException {
    call.response().setContentLengthLong(size);
    AsyncContext context = call.request().startAsync();
    context.setTimeout(0);
    Download download = new Download(in, size, context);
    context.addListener(download);
    download.out.setWriteListener(download);
  }

  @Override
  public void onWritePossible() throws IOException {
    while (out.isReady()) {
      if (left == 0) {
        end();
        return;
      }
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new IOException("the file has become shorter");
      }
      left -= read;
      out.write(buffer, 0, read);
    }
  }

  @Override
  void release() {
    try {
      in.close();
    } catch (IOException e) {
      LOG.debug("a file that was read did not close", e);
    }
  }

  @Override
  public void onError(Throwable failure) {
    LOG.debug("a download ended early", failure);
    end();
  }
}
