package org.riglab.testkit.internal;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Exporter;
import org.riglab.testkit.internal.Check.Outcome;

/** Exports of networks that can be traced. */
final class Exports {
  private Exports() {}

  /**
   * Exports a network in every format.
   *
   * @param size of an image that it takes
   * @return a note if a format is not possible, or for images of one size only
   * @throws Broken if no format is possible
   */
  static Outcome of(Exporter exporter, Blueprint network, Shape size) {
    List<String> limits = new ArrayList<>();
    int possible = 0;
    for (String format : exporter.formats()) {
      String any = refusal(exporter, network, format, List.of());
      List<Integer> one = List.of((int) size.get(2), (int) size.get(3));
      String why = any.isEmpty() ? "" : refusal(exporter, network, format, one);
      possible += why.isEmpty() ? 1 : 0;
      if (!why.isEmpty()) {
        limits.add("networks with it cannot be exported as %s: %s".formatted(format, why));
      } else if (!any.isEmpty()) {
        limits.add(
            "networks with it can be exported as %s for images of one size only (export --size HxW): %s"
                .formatted(format, any));
      }
    }
    Broken.unless(possible > 0, "%s", String.join("; ", limits));
    return limits.isEmpty() ? Outcome.PASSED : Outcome.note(String.join("; ", limits));
  }

  /** Why a network cannot be exported; empty if it can. */
  private static String refusal(
      Exporter exporter, Blueprint network, String format, List<Integer> size) {
    try (OutputStream out = OutputStream.nullOutputStream()) {
      exporter.write(network, format, true, size, out);
      return "";
    } catch (RigException e) {
      return e.getMessage();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
