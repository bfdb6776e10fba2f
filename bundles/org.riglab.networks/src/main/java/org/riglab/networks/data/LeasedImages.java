package org.riglab.networks.data;

import java.nio.file.Path;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.base.Names;

/** An open data set and the lease on the part that reads it. */
public final class LeasedImages implements AutoCloseable {
  private final Lease<Dataset> lease;
  private final Images images;

  private LeasedImages(Lease<Dataset> lease, Images images) {
    this.lease = lease;
    this.images = images;
  }

  /**
   * @param registry where parts are found
   * @param dataset the data set
   * @param data its directory; empty for data sets made on the fly
   * @param user who asks
   * @return the open data set
   * @throws RigException if there is no such part, an option is wrong, or the directory holds no
   *     such data set
   */
  public static LeasedImages open(Registry registry, PartSpec dataset, String data, String user) {
    Lease<Dataset> lease = registry.lease(Dataset.class, dataset.name(), user);
    boolean complete = false;
    try {
      Optional<Path> directory = data.isEmpty() ? Optional.empty() : Optional.of(Path.of(data));
      LeasedImages opened =
          new LeasedImages(
              lease,
              lease
                  .service()
                  .open(
                      directory,
                      registry.options(
                          "dataset " + dataset.name(), lease.service(), dataset.options())));
      opened.requireTable();
      complete = true;
      return opened;
    } finally {
      if (!complete) {
        lease.close();
      }
    }
  }

  private void requireTable() {
    int classes = images.classes().size();
    if (!ClassTable.allows(classes)) {
      throw new RigException(
          "data set %s has %d class%s; expected %d to %d: a binary task has two, for example background and object"
              .formatted(
                  part().name(),
                  classes,
                  classes == 1 ? "" : "es",
                  ClassTable.LEAST,
                  ClassTable.MOST));
    }
    images.classes().entries().stream()
        .map(ClassTable.Entry::name)
        .filter(name -> !Names.printable(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new RigException(
                  "data set %s has a class '%s'; the name of a class is one line of printable characters"
                      .formatted(part().name(), Names.shown(name)));
            });
  }

  /**
   * @return the open data set, to be used while this is open
   */
  public Images images() {
    return images;
  }

  /**
   * @return what reads it
   */
  public PartInfo part() {
    return lease.part();
  }

  /**
   * @return whether its part is about to go, or gone
   */
  public boolean stale() {
    return lease.retiring() || lease.revoked();
  }

  /**
   * @param network name of a network
   * @param classes it tells apart
   * @throws RigException if the data have another number of classes
   */
  public void requireClasses(String network, int classes) {
    int own = images.classes().size();
    if (own != classes) {
      throw new RigException(
          "network '%s' has %d classes, data set %s has %d; assemble it with classes %d"
              .formatted(network, classes, lease.part().name(), own, own));
    }
  }

  @Override
  public void close() {
    lease.close();
  }
}
