package org.riglab.runs.internal;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.riglab.api.RigException;
import org.riglab.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of a server and one of its workers: JSON objects, one a line, in both directions.
 * A message has a word, {@code op}; one with {@code ask} expects an answer with the same number.
 * Lines that are no message, such as what a plugin's native code prints, are logged.
 */
final class Link implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Link.class);
  private static final int MOST_BYTES = 4 << 20;
  private static final String OP = "op";
  private static final String ASK = "ask";
  private static final String ANSWER = "answer";
  private static final String ERROR = "error";
  private static final String KIND = "kind";

  private final String name;
  private final InputStream in;
  private final OutputStream out;
  private final Handler handler;
  private final AtomicLong questions = new AtomicLong();
  private final Map<Long, CompletableFuture<Map<String, Object>>> open = new ConcurrentHashMap<>();
  private final Thread reader;
  private volatile boolean over;

  /** What is done with messages. */
  interface Handler {
    /**
     * Takes a message that expects no answer. It is called on the link's reader: it must not wait.
     */
    void told(String op, Map<String, Object> body);

    /**
     * Answers a question, on a thread of its own.
     *
     * @throws RigException to refuse; the caller gets the same kind and message
     */
    Map<String, Object> asked(String op, Map<String, Object> body);

    /** Is called once, when the other side has gone. */
    void ended();
  }

  /**
   * @param name of the other side, for the log and for threads
   * @param in what it writes
   * @param out what it reads
   */
  Link(String name, InputStream in, OutputStream out, Handler handler) {
    this.name = name;
    this.in = new BufferedInputStream(in);
    this.out = out;
    this.handler = handler;
    this.reader = new Thread(this::read, "link-" + name);
    reader.setDaemon(true);
  }

  /** Begins to read. */
  void open() {
    reader.start();
  }

  /** Sends a message; one that the other side no longer reads is dropped. */
  void tell(String op, Map<String, Object> body) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put(OP, op);
    message.putAll(body);
    write(message);
  }

  /**
   * Asks something and waits for the answer.
   *
   * @throws RigException as the other side refuses it; UNAVAILABLE if it goes or takes too long
   */
  Map<String, Object> ask(String op, Map<String, Object> body, long seconds) {
    long number = questions.incrementAndGet();
    CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
    open.put(number, answer);
    try {
      Map<String, Object> message = new LinkedHashMap<>(body);
      message.put(OP, op);
      message.put(ASK, number);
      write(message);
      if (over) {
        throw gone();
      }
      return answer.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RigException refused
          ? new RigException(refused.kind(), refused.getMessage(), refused)
          : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "%s did not answer '%s' within %d s".formatted(name, op, seconds),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RigException(
          RigException.Kind.UNAVAILABLE, "interrupted while waiting for " + name, e);
    } finally {
      open.remove(number);
    }
  }

  private RigException gone() {
    return new RigException(RigException.Kind.UNAVAILABLE, name + " has ended");
  }

  private void write(Map<String, Object> message) {
    // The line break before it ends what somebody else may have printed without one.
    byte[] line = ("\n" + Json.line(message) + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      try {
        out.write(line);
        out.flush();
      } catch (IOException e) {
        LOG.debug("{} does not read any more", name, e);
      }
    }
  }

  private void read() {
    try {
      for (String line = line(); line != null; line = line()) {
        if (!line.isBlank()) {
          take(line);
        }
      }
    } catch (IOException e) {
      LOG.debug("the connection to {} failed", name, e);
    } finally {
      over = true;
      open.values().forEach(answer -> answer.completeExceptionally(gone()));
      handler.ended();
    }
  }

  /** The next line, of which no more than {@link #MOST_BYTES} are kept; null at the end. */
  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = in.read();
    if (next < 0) {
      return null;
    }
    for (; next >= 0 && next != '\n'; next = in.read()) {
      if (line.size() < MOST_BYTES) {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private void take(String line) {
    Map<String, Object> message = message(line);
    if (message == null) {
      LOG.info("{}: {}", name, line);
    } else if (message.get(ANSWER) instanceof Number number) {
      answer(number.longValue(), message);
    } else if (message.get(ASK) instanceof Number number) {
      String op = String.valueOf(message.get(OP));
      Thread thread =
          new Thread(() -> reply(number.longValue(), op, message), "link-" + name + "-" + op);
      thread.setDaemon(true);
      thread.start();
    } else {
      try {
        handler.told(String.valueOf(message.get(OP)), message);
      } catch (RuntimeException e) {
        LOG.error("{}: a message could not be handled: {}", name, line, e);
      }
    }
  }

  private static Map<String, Object> message(String line) {
    if (!line.startsWith("{")) {
      return null;
    }
    try {
      Map<String, Object> message = Json.parse(line, "a message");
      return message.containsKey(OP) || message.containsKey(ANSWER) ? message : null;
    } catch (RigException e) {
      LOG.debug("no message", e);
      return null;
    }
  }

  private void answer(long number, Map<String, Object> message) {
    CompletableFuture<Map<String, Object>> waiting = open.get(number);
    if (waiting == null) {
      LOG.debug("{} answered too late: {}", name, message);
    } else if (message.get(ERROR) instanceof String error) {
      RigException.Kind kind = RigException.Kind.valueOf(String.valueOf(message.get(KIND)));
      waiting.completeExceptionally(new RigException(kind, error));
    } else {
      waiting.complete(message);
    }
  }

  private void reply(long number, String op, Map<String, Object> body) {
    Map<String, Object> message = new LinkedHashMap<>();
    try {
      message.putAll(handler.asked(op, body));
    } catch (RigException e) {
      LOG.info("{}: '{}' is refused", name, op, e);
      message.put(ERROR, e.getMessage());
      message.put(KIND, e.kind().name());
    } catch (RuntimeException | LinkageError e) {
      LOG.error("{}: '{}' failed", name, op, e);
      message.put(ERROR, "internal error: " + e + " (stack in the log)");
      message.put(KIND, RigException.Kind.PART_FAILED.name());
    }
    message.put(ANSWER, number);
    write(message);
  }

  /** Tells the other side that nothing more comes; what it still says is read. */
  @Override
  public void close() {
    synchronized (out) {
      try {
        out.close();
      } catch (IOException e) {
        LOG.debug("{} had already ended", name, e);
      }
    }
  }
}
