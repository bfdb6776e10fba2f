package org.riglab.evaluation.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import org.junit.Test;
import org.riglab.api.bench.FeatureMap;

public class MapPicturesTest {
  @Test
  public void channelsAreSideBySide() {
    // three channels of 1 x 2, two of them in the first row
    FeatureMap map = new FeatureMap(3, 1, 2, new float[] {1, 2, 3, 4, 5, 6});
    FeatureMap all = MapPictures.channels(map, 64);
    assertEquals(2, all.height());
    assertEquals(4, all.width());
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 1, 1}, all.values(), 0);
    assertArrayEquals(new float[] {1, 2}, MapPictures.channels(map, 1).values(), 0);
  }
}
