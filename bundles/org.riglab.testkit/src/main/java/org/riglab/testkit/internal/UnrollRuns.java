package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.api.bench.Blueprints.Listener;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.testkit.internal.Check.Outcome;

/** Whether blocks and gates run as often, and are fed, as the strategy says beforehand. */
final class UnrollRuns {
  private static final int BLOCKS = 3;

  private UnrollRuns() {}

  static Outcome runs(Subject<Unroll> subject) {
    UnrollNetworks.each(
        subject,
        (u, feedback, network) -> {
          String when = UnrollNetworks.words(u, feedback);
          UnrollSpec spec = new UnrollSpec(u, feedback);
          Map<Integer, GateShape> planned = planned(subject, spec, network.stages());
          try (NDManager step = UnrollNetworks.step(network)) {
            NDArray image =
                Numbers.normal(step, DataType.FLOAT32, 1, UnrollNetworks.IMAGE.getShape());
            Counter counter = new Counter(when, u, planned);
            UnrollNetworks.forward(network, image, false, counter);
            for (int k = 1; k <= BLOCKS; k++) {
              int block = k;
              int said =
                  Broken.unless(
                      "applications",
                      () -> subject.provider().applications(spec, block, subject.options()));
              int ran = counter.blocks.getOrDefault(k, 0);
              Broken.unless(
                  said == ran,
                  "%s: block %d runs %d times, but applications says %d; batch norm keeps its"
                      + " statistics by that number",
                  when,
                  k,
                  ran,
                  said);
            }
            planned
                .keySet()
                .forEach(
                    k ->
                        Broken.unless(
                            u == 1 || counter.gates.contains(k),
                            "%s: the gate planned at block %d is never called",
                            when,
                            k));
          }
        });
    return Outcome.PASSED;
  }

  private static Map<Integer, GateShape> planned(
      Subject<Unroll> subject, UnrollSpec spec, List<Stage> stages) {
    Map<Integer, GateShape> planned = new HashMap<>();
    List<GateShape> shapes =
        Broken.unless("gates", () -> subject.provider().gates(spec, stages, subject.options()));
    for (GateShape shape : shapes) {
      Broken.unless(
          shape.block() >= 1
              && shape.block() <= stages.size()
              && planned.put(shape.block(), shape) == null,
          "gates plans a gate at block %d twice, or where there is no block",
          shape.block());
      int channels = stages.get(shape.block() - 1).inputChannels();
      Broken.unless(
          shape.inputChannels() == channels,
          "gates plans %d input channels at block %d; expected the block's, %d",
          shape.inputChannels(),
          shape.block(),
          channels);
    }
    return planned;
  }

  /** Counts what runs, and looks at what gates are given. */
  private static final class Counter implements Listener {
    final Map<Integer, Integer> blocks = new HashMap<>();
    final Set<Integer> gates = new HashSet<>();
    private final String when;
    private final int iterations;
    private final Map<Integer, GateShape> planned;

    Counter(String when, int iterations, Map<Integer, GateShape> planned) {
      this.when = when;
      this.iterations = iterations;
      this.planned = planned;
    }

    @Override
    public void enter(boolean gate, int block, int iteration, NDList inputs) {
      String what = "%s: %s %d".formatted(when, gate ? "gate" : "block", block);
      Broken.unless(
          iteration >= (gate ? 2 : 1) && iteration <= iterations,
          "%s runs in iteration %d; expected %d to %d",
          what,
          iteration,
          gate ? 2 : 1,
          iterations);
      if (!gate) {
        blocks.merge(block, 1, Integer::sum);
        return;
      }
      gates.add(block);
      List<Integer> fed = new ArrayList<>();
      inputs.stream().skip(1).forEach(array -> fed.add((int) array.getShape().get(1)));
      Broken.unless(
          fed.equals(planned.get(block).feedbackChannels()),
          "%s is fed %s channels, but gates plans %s",
          what,
          fed,
          planned.get(block).feedbackChannels());
    }

    @Override
    public void leave(NDList outputs) {
      // shapes of outputs are the network's to check
    }
  }
}
