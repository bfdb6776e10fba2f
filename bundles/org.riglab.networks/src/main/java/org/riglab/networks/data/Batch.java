package org.riglab.networks.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.riglab.api.data.Dataset;

/**
 * Images of one size and labels of one size in direct buffers of native order. The buffers are used
 * again after {@link #close}: an array that DJL makes of one on the CPU shares its memory, so close
 * the batch after the arrays.
 */
public final class Batch implements AutoCloseable {
  private final int size;
  private final int height;
  private final int width;
  private final int labelHeight;
  private final int labelWidth;
  private final boolean raw;
  private final BufferPool imagePool;
  private final BufferPool labelPool;
  private final ByteBuffer imageBuffer;
  private final ByteBuffer labelBuffer;
  private final AtomicBoolean closed = new AtomicBoolean();

  public Batch(int size, int height, int width, BufferPool imagePool, BufferPool labelPool) {
    this(size, height, width, height, width, false, imagePool, labelPool);
  }

  /**
   * @param size N
   * @param height H in pixels
   * @param width W in pixels
   * @param raw whether images are bytes, which the device converts and normalises
   * @param imagePool where the buffer for images comes from
   * @param labelPool where the buffer for labels comes from
   */
  public Batch(
      int size, int height, int width, boolean raw, BufferPool imagePool, BufferPool labelPool) {
    this(size, height, width, height, width, raw, imagePool, labelPool);
  }

  public Batch(
      int size,
      int height,
      int width,
      int labelHeight,
      int labelWidth,
      BufferPool imagePool,
      BufferPool labelPool) {
    this(size, height, width, labelHeight, labelWidth, false, imagePool, labelPool);
  }

  private Batch(
      int size,
      int height,
      int width,
      int labelHeight,
      int labelWidth,
      boolean raw,
      BufferPool imagePool,
      BufferPool labelPool) {
    this.size = size;
    this.raw = raw;
    this.height = height;
    this.width = width;
    this.labelHeight = labelHeight;
    this.labelWidth = labelWidth;
    this.imagePool = imagePool;
    this.labelPool = labelPool;
    this.imageBuffer = imagePool.take(imageBytes());
    this.labelBuffer = labelPool.take(labelBytes());
  }

  /**
   * @param size N
   * @param height H in pixels
   * @param width W in pixels
   * @param classes labels are 0 to classes-1, a tenth of them void
   * @param seed of the noise
   * @return standard normal images with random labels
   */
  public static Batch noise(int size, int height, int width, int classes, long seed) {
    Batch batch = new Batch(size, height, width, new BufferPool(), new BufferPool());
    Random random = new Random(seed);
    FloatBuffer pixels = batch.images().asFloatBuffer();
    while (pixels.hasRemaining()) {
      pixels.put((float) random.nextGaussian());
    }
    ByteBuffer labels = batch.labels();
    while (labels.hasRemaining()) {
      int label = random.nextInt(10) == 0 ? Dataset.VOID : random.nextInt(classes);
      labels.put((byte) label);
    }
    return batch;
  }

  /**
   * @return N
   */
  public int size() {
    return size;
  }

  /**
   * @return H of the images in pixels
   */
  public int height() {
    return height;
  }

  /**
   * @return W of the images in pixels
   */
  public int width() {
    return width;
  }

  /**
   * @return H of the labels in pixels
   */
  public int labelHeight() {
    return labelHeight;
  }

  /**
   * @return W of the labels in pixels
   */
  public int labelWidth() {
    return labelWidth;
  }

  /**
   * @return whether images are bytes
   */
  public boolean raw() {
    return raw;
  }

  /**
   * @return (N, 3, H, W), float32, normalised; uint8, 0 to 255, if {@link #raw}
   */
  public ByteBuffer images() {
    return imageBuffer.slice(0, imageBytes()).order(ByteOrder.nativeOrder());
  }

  /**
   * @return (N, H, W), uint8: the class, or 255 for void
   */
  public ByteBuffer labels() {
    return labelBuffer.slice(0, labelBytes()).order(ByteOrder.nativeOrder());
  }

  /**
   * @param index 0 to N-1
   * @return a copy of that image's H*W labels
   */
  public byte[] label(int index) {
    byte[] label = new byte[labelHeight * labelWidth];
    labelBuffer.get(index * label.length, label);
    return label;
  }

  /** Gives the buffers back. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      imagePool.giveBack(imageBuffer);
      labelPool.giveBack(labelBuffer);
    }
  }

  private int imageBytes() {
    return Math.multiplyExact(
        Math.multiplyExact(Math.multiplyExact(size, height), width),
        Normalization.CHANNELS * (raw ? 1 : Float.BYTES));
  }

  private int labelBytes() {
    return Math.multiplyExact(Math.multiplyExact(size, labelHeight), labelWidth);
  }
}
