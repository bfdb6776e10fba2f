package org.riglab.tensorboard.internal;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.zip.CRC32C;

/**
 * A file of TensorFlow's events: records of length, checksum, message, checksum (TFRecord), in
 * which each message is an {@code Event} of {@code tensorflow/core/util/event.proto}.
 */
final class EventFile implements AutoCloseable {
  private static final String VERSION = "brain.Event:2";
  private static final int MASK = 0xa282ead8;

  // event.proto
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int STATUS = 1;
  private static final int START = 1;

  // summary.proto
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int IMAGE = 4;
  private static final int HEIGHT = 1;
  private static final int WIDTH = 2;
  private static final int COLORSPACE = 3;
  private static final int ENCODED = 4;
  private static final int RGB = 3;

  private final Clock clock;
  private final OutputStream out;

  /** Writes fields of a message. */
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  /**
   * Begins a file.
   *
   * @param file must not exist
   * @param clock of the events
   */
  EventFile(Path file, Clock clock) throws IOException {
    this.clock = clock;
    this.out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    event(0, fields -> fields.writeString(FILE_VERSION, VERSION));
  }

  /**
   * @param directory of a run
   * @param clock says when
   * @return a file in it that TensorBoard reads after those that are there
   */
  static Path name(Path directory, Clock clock) {
    Instant now = clock.instant();
    long second = now.getEpochSecond();
    int number = 0;
    Path file;
    do {
      file =
          directory.resolve(
              String.format("events.out.tfevents.%010d.riglab.%03d", second, number++));
    } while (Files.exists(file));
    return file;
  }

  /**
   * A training goes on behind a step; what an earlier file has from there on does not count.
   *
   * @param step the first one to come
   */
  void restart(long step) throws IOException {
    byte[] log = message(fields -> fields.writeEnum(STATUS, START));
    event(step, fields -> fields.writeByteArray(SESSION_LOG, log));
  }

  /**
   * @param tag slashes group
   * @param step of the run
   * @param value may be NaN
   */
  void scalar(String tag, long step, double value) throws IOException {
    summary(tag, step, fields -> fields.writeFloat(SIMPLE_VALUE, (float) value));
  }

  /**
   * @param tag slashes group
   * @param step of the run
   * @param height in pixels
   * @param width in pixels
   * @param png the file
   */
  void image(String tag, long step, int height, int width, byte[] png) throws IOException {
    byte[] image =
        message(
            fields -> {
              fields.writeInt32(HEIGHT, height);
              fields.writeInt32(WIDTH, width);
              fields.writeInt32(COLORSPACE, RGB);
              fields.writeByteArray(ENCODED, png);
            });
    summary(tag, step, fields -> fields.writeByteArray(IMAGE, image));
  }

  private void summary(String tag, long step, Fields content) throws IOException {
    byte[] value =
        message(
            fields -> {
              fields.writeString(TAG, tag);
              content.write(fields);
            });
    byte[] summary = message(fields -> fields.writeByteArray(VALUE, value));
    event(step, fields -> fields.writeByteArray(SUMMARY, summary));
  }

  private void event(long step, Fields content) throws IOException {
    Instant now = clock.instant();
    record(
        message(
            fields -> {
              fields.writeDouble(WALL_TIME, now.getEpochSecond() + now.getNano() / 1e9);
              if (step != 0) {
                fields.writeInt64(STEP, step);
              }
              content.write(fields);
            }));
  }

  private static byte[] message(Fields content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream fields = CodedOutputStream.newInstance(bytes);
    content.write(fields);
    fields.flush();
    return bytes.toByteArray();
  }

  /** In one write, so that a reader seldom sees half of it. */
  private void record(byte[] data) throws IOException {
    ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(masked(record.array(), 0, Long.BYTES));
    record.put(data);
    record.putInt(masked(data, 0, data.length));
    out.write(record.array());
  }

  /** A checksum of data that hold checksums is weak without it. */
  private static int masked(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
