package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.Optional;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

/**
 * A data set in use by a command.
 *
 * @param lease held until it is closed
 * @param images what is in it
 */
record OpenDataset(Lease<Dataset> lease, Images images) implements AutoCloseable {

  /**
   * @param registry where to find it
   * @param dataset name and options
   * @param data its directory
   * @param user name of the user in messages
   * @return the data set; close it
   */
  static OpenDataset open(Registry registry, PartSpec dataset, Optional<Path> data, String user) {
    Lease<Dataset> lease = registry.lease(Dataset.class, dataset.name(), user);
    try {
      Dataset service = lease.service();
      return new OpenDataset(
          lease,
          service.open(
              data, registry.options("dataset " + dataset.name(), service, dataset.options())));
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  /**
   * @param name of a split; empty for the one that is validated on
   * @return the split
   */
  Split split(String name) {
    return images.split(name.isEmpty() ? validation() : name);
  }

  /**
   * @return the name of the split that is validated on
   */
  String validation() {
    return images.splits().get(Math.min(1, images.splits().size() - 1));
  }

  @Override
  public void close() {
    lease.close();
  }
}
