package org.riglab.tensors.internal;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** The committed weight files; see src/test/python/weight_files.py. */
final class Resources {
  private Resources() {}

  static Path file(String name) {
    URL url = Resources.class.getResource(name);
    if (url == null) {
      throw new IllegalStateException("there is no resource " + name);
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
