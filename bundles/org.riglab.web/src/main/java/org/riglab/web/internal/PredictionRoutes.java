package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Networks;
import org.riglab.api.lab.Gallery;
import org.riglab.base.FileFailures;
import org.riglab.images.ImageFiles;
import org.riglab.images.ImageHeader;

/** Predicts an image that a client sends: the labels laid over it, as PNG. */
final class PredictionRoutes {
  private static final int MOST_BYTES = 16 << 20;
  private static final List<String> TYPES =
      List.of("image/png", "image/jpeg", "image/tiff", "image/bmp", "image/gif", "image/webp");

  /** Of an image's sides, and altogether: a small file may be a huge picture. */
  private static final int LONGEST_SIDE = 8192;

  private static final long MOST_PIXELS = Math.min(16L << 20, ImageFiles.MOST_PIXELS);

  private final Networks networks;
  private final Gallery gallery;
  private final Uploads uploads;

  PredictionRoutes(Networks networks, Gallery gallery, Uploads uploads) {
    this.networks = networks;
    this.gallery = gallery;
    this.uploads = uploads;
  }

  List<Route> routes() {
    return List.of(
        Route.of("POST", "/api/v1/networks/{network}/predict", Role.OPERATOR, this::predict)
            .bodies(MOST_BYTES),
        Route.of(
            "GET",
            "/api/v1/networks",
            Role.VIEWER,
            call -> call.json(java.util.Map.of("networks", networks.names()))));
  }

  private void predict(Call call) throws IOException {
    String name = call.path("network");
    if (!networks.names().contains(name)) {
      throw new Refusal(404, "there is no network '" + Call.printable(name) + "'");
    }
    byte[] png =
        uploads.with(
            call,
            TYPES,
            file -> {
              size(file);
              gallery.overlay(name, file, file);
              try {
                return Files.readAllBytes(file);
              } catch (IOException e) {
                throw FileFailures.reading(file, e);
              }
            });
    call.send(200, "image/png", png);
  }

  /** Reads the header only, before memory for the pixels is allocated. */
  private static void size(Path file) {
    ImageHeader image = ImageFiles.header(file);
    long width = image.width();
    long height = image.height();
    if (width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > MOST_PIXELS) {
      throw new Refusal(
          413, "the image has " + width + "x" + height + " pixels; the most is 16 million");
    }
  }
}
