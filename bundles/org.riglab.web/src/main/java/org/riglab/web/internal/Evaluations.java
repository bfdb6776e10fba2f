package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.EvaluationJson;

/** The last evaluation of a run, as the lab wrote it: scores and confusion per iteration. */
final class Evaluations {
  private static final long MOST_BYTES = 64L << 20;

  private final Lab lab;
  private final Roots roots;

  Evaluations(Lab lab, Roots roots) {
    this.lab = lab;
    this.roots = roots;
  }

  List<Route> routes() {
    return List.of(Route.of("GET", "/api/v1/runs/{run}/evaluation", Role.VIEWER, this::evaluation));
  }

  private void evaluation(Call call) throws IOException {
    long number = call.number("run");
    Run run = lab.run(number);
    long id = run.id();
    if (lab.files(id).stream().noneMatch(file -> file.name().equals(EvaluationJson.FILE))) {
      // A training outside of the queue by Riglab 0.1 logged its scores only.
      throw new Refusal(
          404,
          run.metrics().containsKey("mIoU.t1")
              ? "this training was made by Riglab 0.1, which kept no confusion matrix; an"
                  + " evaluation run of the network has one"
              : "the run has not been evaluated yet");
    }
    Path file = lab.file(id, EvaluationJson.FILE);
    if (!roots.contain(file) || Files.size(file) > MOST_BYTES) {
      throw new Refusal(404, "the run has no evaluation that can be shown");
    }
    call.send(200, "application/json", Files.readAllBytes(file));
  }
}
