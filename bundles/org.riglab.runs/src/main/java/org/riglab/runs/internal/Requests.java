package org.riglab.runs.internal;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.data.Dataset;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.api.metric.Metric;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Head;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Transform;
import org.riglab.base.Json;
import org.riglab.base.RequestText;
import org.riglab.base.Visible;

/** Turns requests into runs, as far as that can be checked before they run. */
final class Requests {
  private static final String NETWORK = "network.";
  private static final String FEEDBACK = "feedback";
  private static final int MOST = 1000;

  private final Networks networks;
  private final OptionalTrainer trainer;
  private final Evaluator evaluator;
  private final Registry registry;
  private final Store store;

  Requests(
      Networks networks,
      OptionalTrainer trainer,
      Evaluator evaluator,
      Registry registry,
      Store store) {
    this.networks = networks;
    this.trainer = trainer;
    this.evaluator = evaluator;
    this.registry = registry;
    this.store = store;
  }

  /** One of a sweep's combinations. */
  private record Combination(Map<String, Object> network, Map<String, Object> options) {}

  /**
   * What all runs of a request have in common.
   *
   * @param network of the run; of a sweep, what the names of its networks begin with
   * @param sweep whether there may be several
   * @param names of the networks that exist, listed once for all combinations
   * @param own whether each run makes its network
   */
  private record Plan(
      Request request, String network, boolean sweep, Set<String> names, boolean own) {
    boolean there() {
      return names.contains(network);
    }
  }

  /**
   * @param request what to do
   * @return one run or more
   * @throws RigException if an option, network or combination cannot be
   */
  List<Draft> drafts(Request request) {
    limit(request);
    trainer.require(request.kind());
    String network = RequestText.network(network(request));
    boolean sweep = !request.grid().isEmpty() || request.seeds().size() > 1;
    Plan plan =
        new Plan(
            request,
            network,
            sweep,
            Set.copyOf(networks.names()),
            sweep && request.kind() == Run.Kind.TRAIN || !request.spec().isEmpty());
    List<Combination> combinations = combinations(request);
    check(plan);
    Map<String, Object> base = base(plan);
    List<Draft> drafts = new ArrayList<>();
    for (int k = 1; k <= combinations.size(); k++) {
      Combination combination = combinations.get(k - 1);
      check(request.kind(), combination.options());
      drafts.add(draft(plan, k, combination, base));
    }
    return drafts;
  }

  /** Refuses what is too much to store, or to show to others. */
  private static void limit(Request request) {
    RequestText.name("a run", request.name());
    RequestText.values("the spec", request.spec());
    RequestText.values("the request: option", request.options());
    RequestText.values("the grid", request.grid());
    RequestText.count("the list of seeds", request.seeds(), MOST);
    RequestText.count("the list of runs to wait for", request.after(), RequestText.AFTER);
  }

  private static void check(Plan plan) {
    Request request = plan.request();
    String network = plan.network();
    boolean spec = !request.spec().isEmpty();
    if (request.kind() == Run.Kind.EVAL && spec) {
      throw new RigException("an evaluation takes an existing network, not a spec");
    }
    if (spec && !plan.sweep() && plan.there()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "network '%s' already exists; train it without a spec, or choose another name"
              .formatted(network));
    }
    if (!plan.own() && !plan.there() && request.after().isEmpty()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "there is no network '%s'; give a spec, or assemble it first".formatted(network));
    }
    if (plan.own() && !spec && !plan.there()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "there is no network '%s' to copy; give a spec, or assemble it first".formatted(network));
    }
  }

  /** The network's spec, before anything of it is swept; empty if it is yet to be made. */
  private Map<String, Object> base(Plan plan) {
    if (!plan.request().spec().isEmpty()) {
      return canonical(plan.request().spec(), plan.network());
    }
    return plan.there()
        ? Json.parse(networks.json(networks.get(plan.network()).spec()), "the network's spec")
        : Map.of();
  }

  private Draft draft(Plan plan, int number, Combination combination, Map<String, Object> base) {
    Request request = plan.request();
    String network = plan.network();
    String name =
        plan.sweep() && plan.own() ? RequestText.network(network + "-" + number) : network;
    if (plan.sweep() && plan.own() && plan.names().contains(name)) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "network '%s' already exists; choose another name for the sweep".formatted(name));
    }
    Map<String, Object> spec = new LinkedHashMap<>(base);
    if (combination.network().containsKey(Backbone.KIND)) {
      spec.remove(Head.KIND); // another backbone brings its own
    }
    spec.putAll(combination.network());
    String varied = varied(request, combination);
    String shown = request.name().isEmpty() ? network : request.name();
    return new Draft(
        plan.sweep() && !varied.isEmpty()
            ? RequestText.cut(Visible.line(shown + " " + varied), RequestText.NAME)
            : shown,
        request.kind(),
        name,
        plan.own(),
        plan.own() && request.spec().isEmpty()
            ? networks.home().relativize(Runner.weights(networks, network)).toString()
            : "",
        plan.own() ? canonical(swept(spec, combination, name), name) : base,
        combination.options(),
        number(combination.options().get("seed")),
        request.priority(),
        request.after(),
        device(combination.options().get("device")),
        0);
  }

  /** What a combination has of its own, as {@code lr=0.1 network.gate=add}. */
  private static String varied(Request request, Combination combination) {
    return Stream.concat(
            combination.network().entrySet().stream(),
            combination.options().entrySet().stream()
                .filter(e -> !e.getValue().equals(request.options().get(e.getKey()))))
        .map(e -> e.getKey() + "=" + e.getValue())
        .distinct()
        .collect(Collectors.joining(" "));
  }

  private Map<String, Object> swept(
      Map<String, Object> spec, Combination combination, String network) {
    return combination.network().containsKey("unroll")
            && !combination.network().containsKey(FEEDBACK)
        ? adapted(spec, network)
        : spec;
  }

  /**
   * Leaves out feedback that a spec has from elsewhere, where its unroll strategy takes none: from
   * the strategy before, or of a time when such a spec was taken.
   */
  private Map<String, Object> adapted(Map<String, Object> spec, String network) {
    try {
      networks.spec(spec, "of " + network);
      return spec;
    } catch (RigException e) {
      Map<String, Object> without = new LinkedHashMap<>(spec);
      without.remove(FEEDBACK);
      if (networks.spec(without, "of " + network).feedback().isEmpty()) {
        return without;
      }
      throw e;
    }
  }

  private Map<String, Object> canonical(Map<String, Object> spec, String network) {
    NetworkSpec read = networks.spec(spec, "of " + network);
    networks.check(read);
    return Json.parse(networks.json(read), "the network's spec");
  }

  private String network(Request request) {
    if (!request.network().isEmpty()) {
      return request.network();
    }
    if (request.kind() == Run.Kind.EVAL && !request.after().isEmpty()) {
      return store.run(request.after().get(0)).network();
    }
    throw new RigException("the request has no network");
  }

  /** Options, and the parts that they name: a run should not fail for them in the night. */
  private void check(Run.Kind kind, Map<String, Object> options) {
    if (kind == Run.Kind.TRAIN) {
      TrainSpec spec = trainer.get().plan(options);
      part(Dataset.class, Dataset.KIND, spec.data().dataset());
      part(Loss.class, Loss.KIND, spec.objective().loss());
      spec.transforms()
          .transforms()
          .forEach(transform -> part(Transform.class, Transform.KIND, transform));
      return;
    }
    EvalSpec spec = evaluator.plan(options);
    if (!spec.dataset().name().isEmpty()) {
      part(Dataset.class, Dataset.KIND, spec.dataset());
    }
    spec.metrics().forEach(metric -> part(Metric.class, Metric.KIND, metric));
  }

  private <P extends Provider> void part(Class<P> type, String kind, PartSpec part) {
    try (Lease<P> lease = registry.lease(type, part.name(), "a request")) {
      registry.options(kind + " " + part.name(), lease.service(), part.options());
    }
  }

  private List<Combination> combinations(Request request) {
    Map<String, List<Object>> grid = new LinkedHashMap<>(request.grid());
    grid.forEach(
        (key, values) -> {
          if (values.isEmpty()) {
            throw new RigException("the grid has no values for '%s'".formatted(key));
          }
          if (key.startsWith(NETWORK) && request.kind() == Run.Kind.EVAL) {
            throw new RigException("an evaluation cannot change its network: remove " + key);
          }
        });
    long count =
        grid.values().stream().mapToLong(List::size).reduce(1, Requests::product)
            * Math.max(1, request.seeds().size());
    if (count > MOST) {
      throw new RigException("the grid has more than %d combinations".formatted(MOST));
    }
    List<Combination> combinations =
        List.of(new Combination(Map.of(), new LinkedHashMap<>(request.options())));
    for (Map.Entry<String, List<Object>> axis : grid.entrySet()) {
      List<Combination> more = new ArrayList<>();
      for (Combination before : combinations) {
        axis.getValue().forEach(value -> more.add(with(before, axis.getKey(), value)));
      }
      combinations = more;
    }
    if (!request.seeds().isEmpty()) {
      List<Combination> more = new ArrayList<>();
      for (Combination before : combinations) {
        for (Long seed : request.seeds()) {
          more.add(
              request.kind() == Run.Kind.TRAIN
                  ? with(with(before, "seed", seed), NETWORK + "seed", seed)
                  : with(before, "seed", seed));
        }
      }
      combinations = more;
    }
    return combinations;
  }

  private static long product(long a, long b) {
    return Math.min(MOST + 1L, a * b);
  }

  private static Combination with(Combination before, String key, Object value) {
    Map<String, Object> network = new LinkedHashMap<>(before.network());
    Map<String, Object> options = new LinkedHashMap<>(before.options());
    if (key.startsWith(NETWORK)) {
      network.put(key.substring(NETWORK.length()), value);
    } else {
      options.put(key.replace('-', '_'), value);
    }
    return new Combination(network, options);
  }

  private static long number(Object seed) {
    try {
      return seed == null
          ? 0
          : seed instanceof Number n ? n.longValue() : Long.parseLong(String.valueOf(seed));
    } catch (NumberFormatException e) {
      throw new RigException("option 'seed' is %s; it must be a whole number".formatted(seed), e);
    }
  }

  private static String device(Object device) {
    String name = device == null ? "auto" : String.valueOf(device);
    if (!name.matches("auto|cpu|gpu\\d{1,3}")) {
      throw new RigException(
          "option 'device' is %s; it must be auto, cpu, gpu0, ...".formatted(name));
    }
    return name;
  }

  /**
   * @param job of a run that has started
   * @return a run that does the same
   */
  Draft replay(Job job) {
    Run run = job.run();
    trainer.require(run.kind());
    RunFolder folder = new RunFolder(networks.home(), run.folder());
    if (run.folder().isEmpty() || !folder.started()) {
      throw new RigException(
          RigException.Kind.CONFLICT,
          "run %d has not started: it cannot be repeated".formatted(run.id()));
    }
    Map<String, Object> spec = folder.spec();
    spec.remove("network");
    boolean weights = Files.exists(folder.initial());
    if (!weights && run.kind() == Run.Kind.EVAL) {
      throw new RigException(
          RigException.Kind.NOT_FOUND, "the weights of run %d no longer exist".formatted(run.id()));
    }
    return new Draft(
        "replay of " + run.id(),
        run.kind(),
        RequestText.network(run.network() + "-replay-" + run.id()),
        true,
        weights ? relative(folder) : "",
        adapted(folder.networkSpec(), run.network()),
        spec,
        run.seed(),
        run.priority(),
        List.of(),
        device(spec.get("device")),
        run.id());
  }

  private String relative(RunFolder folder) {
    return folder.initial().startsWith(networks.home())
        ? networks.home().relativize(folder.initial()).toString()
        : folder.initial().toString();
  }
}
