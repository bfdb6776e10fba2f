package org.riglab.testkit;

import org.riglab.api.data.Dataset;
import org.riglab.datasets.internal.ShapesDataset;

public class ShapesTest extends DatasetContract {
  @Override
  protected Dataset dataset() {
    return new ShapesDataset();
  }
}
