package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.Test;
import org.riglab.api.data.Split;
import org.riglab.images.LazyPicture;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.MemorySplit;
import org.riglab.networks.data.Normalization;

/** Batches of bytes are those of numbers, before they are normalised and rounded to the nearest. */
public class RawBatchesTest {
  private static final int HEIGHT = 9;
  private static final int WIDTH = 14;

  /** Scaled, mirrored, and larger than the images here and there. */
  @Test
  public void bytesAreTheNumbersBeforeTheyAreNormalised() {
    Split split = MemorySplit.noise(6, 10, 12);
    for (Normalization normalization : List.of(Normalization.IMAGENET, Normalization.CAFFE)) {
      Augmentation augmentation =
          BuiltInTransforms.augmentation(HEIGHT, WIDTH, 0.5, 1.5, true, normalization);
      try (TrainingBatches numbers = new TrainingBatches(split, 2, augmentation, 3, 1, 0);
          TrainingBatches bytes = new TrainingBatches(split, 2, augmentation, 3, 1, 0, true)) {
        for (int i = 0; i < 6; i++) {
          try (Batch expected = numbers.next();
              Batch raw = bytes.next()) {
            assertFalse(expected.raw());
            assertTrue(raw.raw());
            assertEquals(expected.labels(), raw.labels());
            check(expected.images().asFloatBuffer(), raw.images(), normalization);
          }
        }
      }
    }
  }

  private static void check(FloatBuffer expected, ByteBuffer raw, Normalization normalization) {
    List<LazyPicture.Channel> channels = normalization.channelsInOrder();
    assertEquals(expected.remaining(), raw.remaining());
    for (int i = 0; i < raw.remaining(); i++) {
      LazyPicture.Channel channel = channels.get(i / (HEIGHT * WIDTH) % 3);
      float value = Byte.toUnsignedInt(raw.get(i)) * channel.scale() + channel.shift();
      assertEquals(expected.get(i), value, 0.5001f * channel.scale());
    }
  }
}
