package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.RgbImage;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.Resampling;

/**
 * Labels single images at their own size: they are brought to the size and the numbers that the
 * network was trained on, and the answer to the size of the image.
 */
public final class ImageLabels {
  private final Segmenter segmenter;
  private final List<Integer> resize;
  private final Normalization normalization;

  /**
   * @param inference how
   * @param resize size (H, W) that images are brought to; empty to leave them
   * @param normalization of the pixels
   * @throws RigException if the inference makes no sense
   */
  public ImageLabels(Inference inference, List<Integer> resize, Normalization normalization) {
    this.segmenter = new Segmenter(inference);
    this.resize = List.copyOf(resize);
    this.normalization = normalization;
  }

  /**
   * @param image any size
   * @return whether it goes through the network once
   */
  public boolean once(RgbImage image) {
    return resize.isEmpty()
        ? segmenter.once(image.height(), image.width())
        : segmenter.once(resize.get(0), resize.get(1));
  }

  /**
   * @param model the network; gradients should be off
   * @param classes of the network
   * @param iterations of the network
   * @param image any size
   * @param manager of the computation; its device is where the network is
   * @return height*width labels per prediction
   * @throws RigException of kind OUT_OF_MEMORY if the image cannot fit, PART_FAILED if logits are
   *     not finite, or as the model does
   */
  public List<byte[]> of(
      Model model, int classes, int iterations, RgbImage image, NDManager manager) {
    Pixels pixels = pixels(image);
    Shape size = new Shape(pixels.height(), pixels.width());
    Shape answer = new Shape(image.height(), image.width());
    segmenter
        .need(classes, iterations, 1, size, answer)
        .require(manager.getDevice(), segmenter.advice(size, answer, "a smaller image"));
    return segmenter.labels(model, pixels, manager, image.height(), image.width()).stream()
        .map(NDArray::toByteArray)
        .toList();
  }

  private Pixels pixels(RgbImage image) {
    if (resize.isEmpty()) {
      return new Pixels(image.rgb(), image.height(), image.width(), normalization);
    }
    int height = resize.get(0);
    int width = resize.get(1);
    byte[] rgb = Resampling.image(image.rgb(), image.height(), image.width(), height, width);
    return new Pixels(rgb, height, width, normalization);
  }

  /** Bytes that become numbers where the network looks. */
  private record Pixels(byte[] rgb, int height, int width, Normalization normalization)
      implements Picture {
    @Override
    public NDArray crop(NDManager manager, int top, int left, int rows, int columns) {
      byte[] part = rgb;
      if (rows != height || columns != width) {
        part = new byte[rows * columns * Normalization.CHANNELS];
        int line = columns * Normalization.CHANNELS;
        for (int y = 0; y < rows; y++) {
          int from = ((top + y) * width + left) * Normalization.CHANNELS;
          System.arraycopy(rgb, from, part, y * line, line);
        }
      }
      float[] planes = new float[part.length];
      normalization.write(part, FloatBuffer.wrap(planes), 0);
      return manager.create(planes, new Shape(1, Normalization.CHANNELS, rows, columns));
    }
  }
}
