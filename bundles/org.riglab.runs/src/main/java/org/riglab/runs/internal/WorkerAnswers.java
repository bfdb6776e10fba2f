package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.base.Json;

/** What a worker computes for its server beside the runs. */
final class WorkerAnswers {
  private final Networks networks;
  private final Pictures pictures;
  private final Store store;

  /**
   * @param networks of this process
   * @param pictures computes those that the server asks for
   * @param store where runs are described
   */
  WorkerAnswers(Networks networks, Pictures pictures, Store store) {
    this.networks = networks;
    this.pictures = pictures;
    this.store = store;
  }

  /**
   * @param op the question
   * @param body its values
   * @return the values of the answer
   * @throws RigException if it cannot be computed; the server's caller gets it
   */
  Map<String, Object> answer(String op, Map<String, Object> body) {
    switch (op) {
      case GalleryService.PICTURE ->
          pictures.make(
              store.run(Vitals.number(body, "run").longValue()),
              Vitals.number(body, "index").intValue(),
              Path.of(text(body, "folder")));
      case GalleryService.OVERLAY ->
          pictures.overlay(
              text(body, "network"), Path.of(text(body, "image")), Path.of(text(body, "png")));
      case WorkerNetworks.ASSEMBLE -> {
        String name = text(body, WorkerNetworks.NETWORK);
        networks.assemble(name, spec(body), (Boolean) body.get(WorkerNetworks.REPLACE));
        networks.release(name);
      }
      case WorkerNetworks.SWAP -> {
        String name = text(body, WorkerNetworks.NETWORK);
        Map<String, Object> answer = WorkerNetworks.body(networks.swap(name, spec(body)));
        networks.release(name);
        return answer;
      }
      default -> throw new RigException("a worker has no answer to '%s'".formatted(op));
    }
    return Map.of();
  }

  private NetworkSpec spec(Map<String, Object> body) {
    String where = "the server's request";
    return networks.spec(Json.parse(text(body, WorkerNetworks.SPEC), where), where);
  }

  private static String text(Map<String, Object> body, String key) {
    return String.valueOf(body.get(key));
  }
}
