package org.riglab.web.internal;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.riglab.base.Steady;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads bodies of requests. A body holds no thread while it is on its way, must arrive at a minimum
 * rate, and of one sender only some are read at a time: one more ends the oldest.
 */
final class Bodies implements AutoCloseable {
  /** Time after which the rate counts. */
  static final long PATIENCE_MILLIS = 10_000;

  /** Bytes per second that must have arrived for the time beyond. */
  static final long LEAST_RATE = 8 << 10;

  /** Bodies that are read at the same time of one address without a token, or of one token. */
  static final int MOST_PER_SENDER = 16;

  private static final Logger LOG = LoggerFactory.getLogger(Bodies.class);
  private static final long LOOK_MILLIS = 500;

  /**
   * How long the rest of a body that is too large is read, so that the client reads the response.
   */
  private static final long LINGER_MILLIS = 5000;

  private final Set<Body> arriving = ConcurrentHashMap.newKeySet();
  private final LongSupplier clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "web-bodies");
            thread.setDaemon(true);
            return thread;
          });

  /** What to do when a body is there, or will not be. */
  interface Then {
    /**
     * @param bytes the body
     */
    void arrived(byte[] bytes) throws IOException;

    /**
     * @param refusal why it is not read to its end
     */
    void refused(Refusal refusal) throws IOException;
  }

  /**
   * @param clock milliseconds that never go back
   */
  Bodies(LongSupplier clock) {
    this.clock = clock;
    timer.scheduleWithFixedDelay(
        Steady.task("the look at bodies", this::look),
        LOOK_MILLIS,
        LOOK_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  /**
   * @param request with or without a body
   * @return whether it announces one
   */
  static boolean announced(HttpServletRequest request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  /**
   * Reads a body, and completes the request after its response.
   *
   * @param request whose body is read
   * @param sender of the request: a token, or an address
   * @param most bytes
   * @param then produces the response, on another thread
   * @throws Refusal 413 if it is announced to be longer, 415 if it is compressed
   */
  void read(HttpServletRequest request, String sender, int most, Then then) throws IOException {
    if (request.getHeader("Content-Encoding") != null) {
      throw new Refusal(415, "a body with Content-Encoding is not read");
    }
    if (request.getContentLengthLong() > most) {
      throw tooLarge(most);
    }
    AsyncContext context = request.startAsync();
    context.setTimeout(0);
    Body body = new Body(request.getInputStream(), context, sender, most, then);
    for (Body oldest : admit(body)) {
      oldest.refuse(new Refusal(429, "too many requests of one sender are on their way"));
    }
    context.addListener(body);
    body.in.setReadListener(body);
  }

  /**
   * Adds a body to those that are being read. Called by several threads.
   *
   * @return the oldest ones of the sender that are too many now
   */
  private synchronized List<Body> admit(Body body) {
    List<Body> same =
        new ArrayList<>(arriving.stream().filter(b -> b.sender.equals(body.sender)).toList());
    same.sort(Comparator.comparingLong(b -> b.began));
    List<Body> over = same.subList(0, Math.max(0, same.size() + 1 - MOST_PER_SENDER));
    over.forEach(arriving::remove);
    arriving.add(body);
    return over;
  }

  private static Refusal tooLarge(int most) {
    return new Refusal(413, "the body is larger than " + most + " bytes");
  }

  /** Ends what is too slow. */
  void look() {
    long now = clock.getAsLong();
    for (Body body : arriving) {
      Steady.run("a look at a body", () -> body.look(now));
    }
  }

  /**
   * @return how many are on their way
   */
  int arriving() {
    return arriving.size();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** One body. The container calls from one thread at a time; the timer may run concurrently. */
  private final class Body implements ReadListener, AsyncListener {
    private final ServletInputStream in;
    private final AsyncContext context;
    private final String sender;
    private final int most;
    private final Then then;
    private final long began = clock.getAsLong();
    private final byte[] buffer = new byte[8192];
    private final AtomicBoolean settled = new AtomicBoolean();
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private volatile int count;
    private volatile long lingers = Long.MAX_VALUE;

    Body(ServletInputStream in, AsyncContext context, String sender, int most, Then then) {
      this.in = in;
      this.context = context;
      this.sender = sender;
      this.most = most;
      this.then = then;
    }

    void look(long now) {
      if (settled.get()) {
        if (now > lingers) {
          arriving.remove(this);
          complete();
        }
        return;
      }
      long over = now - began - PATIENCE_MILLIS;
      if (over > 0 && count < over * LEAST_RATE / 1000) {
        refuse(new Refusal(408, "the body did not arrive in time"));
      }
    }

    void refuse(Refusal refusal) {
      if (settle()) {
        end(() -> then.refused(refusal));
      }
    }

    /** Responds, and reads the rest of the body: a client that is sending may not read yet. */
    private void linger(Refusal refusal) throws IOException {
      if (settled.compareAndSet(false, true)) {
        bytes = null;
        then.refused(refusal);
        lingers = clock.getAsLong() + LINGER_MILLIS;
      }
    }

    private boolean settle() {
      boolean first = settled.compareAndSet(false, true);
      arriving.remove(this);
      return first;
    }

    private interface Answer {
      void give() throws IOException;
    }

    private void end(Answer answer) {
      try {
        answer.give();
      } catch (IOException e) {
        LOG.debug("a client went before its answer", e);
      } finally {
        complete();
      }
    }

    private void complete() {
      try {
        context.complete();
      } catch (IllegalStateException e) {
        LOG.debug("the request had ended already", e);
      }
    }

    @Override
    public void onDataAvailable() throws IOException {
      while (in.isReady()) {
        int read = in.read(buffer);
        if (read < 0) {
          return;
        }
        if (settled.get()) {
          continue;
        }
        if (count > most - read) {
          linger(tooLarge(most));
          continue;
        }
        count += read;
        bytes.write(buffer, 0, read);
      }
    }

    @Override
    public void onAllDataRead() {
      if (settle()) {
        byte[] all = bytes.toByteArray();
        bytes = null;
        end(() -> then.arrived(all));
      } else {
        arriving.remove(this);
        complete();
      }
    }

    @Override
    public void onError(Throwable failure) {
      LOG.debug("a body ended early", failure);
      refuse(new Refusal(400, "the body ended early"));
    }

    @Override
    public void onComplete(AsyncEvent event) {
      settle();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      refuse(new Refusal(408, "the body did not arrive in time"));
    }

    @Override
    public void onError(AsyncEvent event) {
      settle();
      complete();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }
}
