package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Run;

/** Pictures, computed by a worker where this process is a server, else by this process. */
@Component
public final class GalleryService implements Gallery {
  /** The questions to a worker. */
  static final String PICTURE = "picture";

  static final String OVERLAY = "overlay";

  /** For the first use of the engine and a large image, beside a run. */
  private static final long SECONDS = 300;

  private final Workplace workplace;
  private final Pictures pictures;

  /**
   * @param workplace knows whether this process is a server
   * @param pictures computes
   */
  @Activate
  public GalleryService(@Reference Workplace workplace, @Reference Pictures pictures) {
    this.workplace = workplace;
    this.pictures = pictures;
  }

  @Override
  public Listing list(Run run) {
    return pictures.list(run);
  }

  @Override
  public Picture picture(Run run, int index) {
    Optional<Supervisor> server = workplace.supervisor();
    return server.isEmpty()
        ? pictures.picture(run, index)
        : pictures.picture(
            run,
            index,
            folder ->
                server
                    .get()
                    .askOne(
                        PICTURE,
                        Map.of("run", run.id(), "index", index, "folder", folder.toString()),
                        SECONDS));
  }

  @Override
  public Picture picture(Run run, int index, long step) {
    return pictures.picture(run, index, step);
  }

  @Override
  public void overlay(String network, Path image, Path png) {
    Optional<Supervisor> server = workplace.supervisor();
    if (server.isEmpty()) {
      pictures.overlay(network, image, png);
      return;
    }
    server
        .get()
        .askOne(
            OVERLAY,
            Map.of(
                "network",
                network,
                "image",
                image.toAbsolutePath().toString(),
                "png",
                png.toAbsolutePath().toString()),
            SECONDS);
  }
}
