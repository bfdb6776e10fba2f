package org.riglab.shell.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

/** A lab whose runs end when somebody waits for them. */
final class QueueLab {
  final List<String> submitted = new ArrayList<>();
  final List<Long> awaited = new ArrayList<>();
  final List<Long> retried = new ArrayList<>();
  final Map<Long, Run.State> states = new HashMap<>();

  /** Share of the pixels of each image that a network has right. */
  final Map<String, Double> scores = new HashMap<>(Map.of("b", 0.75));

  Run.State end = Run.State.DONE;
  private final Map<Long, Request> requests = new LinkedHashMap<>();

  Lab lab() {
    return (Lab)
        Proxy.newProxyInstance(
            Lab.class.getClassLoader(),
            new Class<?>[] {Lab.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "submit" -> List.of(submit((Request) arguments[0]));
                  case "list" -> page();
                  case "await" -> await((long) arguments[0]);
                  case "retry" -> retry((long) arguments[0]);
                  case "file" -> file((long) arguments[0]);
                  case "metrics" -> List.of("loss");
                  case "curve" ->
                      new Curve(1, "loss", 9, List.of(new Curve.Bucket(1, 2.5, 2.5, 2.5)));
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private Run submit(Request request) {
    long id = requests.size() + 1L;
    requests.put(id, request);
    states.put(id, Run.State.QUEUED);
    submitted.add(
        request.kind()
            + " "
            + request.network()
            + " "
            + new TreeMap<>(request.options())
            + " after "
            + request.after());
    return run(id);
  }

  private Run run(long id) {
    Request request = requests.get(id);
    return new Run(
        id,
        request.name(),
        request.kind(),
        states.get(id),
        request.network(),
        Map.of(),
        request.options(),
        0,
        0,
        request.after(),
        "cpu",
        0,
        0,
        Map.of(),
        Map.of(),
        new Run.Progress(0, 0, 0, 0),
        Map.of(),
        "",
        List.of(),
        new Run.Times(Instant.EPOCH, Optional.empty(), Optional.empty(), 0),
        "");
  }

  private Lab.Page page() {
    List<Run> runs = new ArrayList<>();
    requests.keySet().forEach(id -> runs.add(0, run(id)));
    return new Lab.Page(runs, runs.size());
  }

  private Run await(long id) {
    awaited.add(id);
    states.put(id, end);
    return run(id);
  }

  private Run retry(long id) {
    retried.add(id);
    states.put(id, Run.State.QUEUED);
    return run(id);
  }

  private Path file(long id) throws IOException {
    double score = scores.getOrDefault(requests.get(id).network(), 0.5);
    long right = Math.round(score * 100);
    String image = "{\"id\": \"%s\", \"correct\": [%d], \"predicted\": [%d], \"labelled\": [100]}";
    try {
      Path file = Files.createTempFile("queue-lab", ".json");
      file.toFile().deleteOnExit();
      Files.writeString(
          file,
          "{\"iterations\": [{\"values\": {\"mIoU\": "
              + score
              + "}, \"per_class\": {}, \"confusion\": []}], \"perImage\": ["
              + image.formatted("x", right, right)
              + ", "
              + image.formatted("y", right, right)
              + "]}");
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
