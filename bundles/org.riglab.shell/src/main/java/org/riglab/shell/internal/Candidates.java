package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.access.Tokens;
import org.riglab.api.bench.Kinds;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Trainer;
import org.riglab.api.engine.Devices;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;
import org.riglab.base.Visible;
import org.riglab.console.Guide.Candidate;

/** Candidates for the completion of values, from the services that provide them. */
@Component(service = Candidates.class)
public final class Candidates {
  private static final int RUNS = 1000;
  private static final Pattern CONDITION = Pattern.compile("([^=:!<>~]+)(?:!?[=~]|:)([^=<>~]*)");
  private static final Set<Run.State> OPEN =
      EnumSet.of(Run.State.QUEUED, Run.State.RUNNING, Run.State.PAUSED);
  private static final Set<Run.State> WAITING = EnumSet.of(Run.State.QUEUED, Run.State.PAUSED);
  private static final Set<Run.State> ENDED = EnumSet.of(Run.State.FAILED, Run.State.CANCELLED);

  private final Registry registry;
  private final Networks networks;
  private final Optional<Trainer> trainer;
  private final Optional<Lab> lab;
  private final Optional<Plugins> plugins;
  private final Optional<Tokens> tokens;
  private final Optional<Devices> devices;

  /**
   * @param registry knows parts
   * @param networks knows networks
   * @param trainer knows recipes and options; null where there is none
   * @param lab knows runs; null where there is none
   * @param plugins knows plugins; null where there are none
   * @param tokens knows tokens; null where there are none
   * @param devices knows devices; null where there are none
   */
  @Activate
  public Candidates(
      @Reference Registry registry,
      @Reference Networks networks,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Trainer trainer,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Lab lab,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Plugins plugins,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Tokens tokens,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Devices devices) {
    this.registry = registry;
    this.networks = networks;
    this.trainer = Optional.ofNullable(trainer);
    this.lab = Optional.ofNullable(lab);
    this.plugins = Optional.ofNullable(plugins);
    this.tokens = Optional.ofNullable(tokens);
    this.devices = Optional.ofNullable(devices);
  }

  /**
   * @param kind what is typed; neither {@code FILE} nor {@code CHOICE}
   * @param typed so far
   * @param before the words before it
   * @return whole words that start with what was typed
   */
  List<Candidate> of(ValueKind kind, String typed, List<String> before) {
    return switch (kind) {
      case NETWORK -> networks();
      case RUN -> runs(Set.of(), typed);
      case OPEN_RUN -> last(typed, word -> runs(OPEN, word));
      case WAITING_RUN -> runs(WAITING, typed);
      case PAUSED_RUN -> runs(EnumSet.of(Run.State.PAUSED), typed);
      case ENDED_RUN -> runs(ENDED, typed);
      case RUN_OR_NETWORK -> joined(runs(Set.of(), typed), networks());
      case RUN_STATE -> last(typed, word -> states());
      case RUN_FIELDS -> last(typed, word -> fields("", true));
      case RUN_ORDER -> last(typed, word -> fields(word.startsWith("-") ? "-" : "", true));
      case RUN_CONDITIONS -> conditions(typed);
      case RUN_METRIC -> metrics(before);
      case BACKBONE -> part("backbone", typed);
      case HEAD -> part("head", typed);
      case DATASET -> part("dataset", typed);
      case LOSS -> part("loss", typed);
      case GATE -> last(typed, word -> part("gate", word));
      case UNROLL -> last(typed, word -> part("unroll", word));
      case METRIC -> last(typed, word -> part("metric", word));
      case TRANSFORM -> last(typed, word -> part("transform", word));
      case KIND -> words(Kinds.ALL.keySet().stream());
      case PLUGIN -> plugins();
      case RECIPE -> recipes();
      case DEVICE -> devices();
      case TOKEN -> tokens();
      case SETTING -> setting(typed, before, false);
      case GRID -> setting(typed, before, true);
      case COMMAND, FILE, CHOICE, FREE -> List.of();
    };
  }

  private interface Words {
    List<Candidate> of(String typed);
  }

  /** Of a list, the last element is completed. */
  private static List<Candidate> last(String typed, Words words) {
    return after(typed, typed.lastIndexOf(',') + 1, words);
  }

  /** Completes what follows a position; what is before it stays. */
  private static List<Candidate> after(String typed, int start, Words words) {
    String kept = typed.substring(0, start);
    return words.of(typed.substring(start)).stream()
        .map(c -> new Candidate(kept + c.word(), c.shown(), c.about(), c.complete()))
        .toList();
  }

  private static List<Candidate> joined(List<Candidate> first, List<Candidate> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private static List<Candidate> words(Stream<String> words) {
    return words.map(word -> new Candidate(word, "")).toList();
  }

  private List<Candidate> networks() {
    List<Candidate> candidates = new ArrayList<>();
    for (String name : networks.names()) {
      candidates.add(new Candidate(name, about(name)));
    }
    return candidates;
  }

  private String about(String network) {
    try {
      return Specs.line(networks.get(network).spec());
    } catch (RigException e) {
      // A network whose plugin is missing can be named.
      return e.getMessage();
    }
  }

  private List<Candidate> runs(Set<Run.State> states, String typed) {
    if (lab.isEmpty() || !typed.chars().allMatch(Character::isDigit)) {
      return List.of();
    }
    return lab.get().list(new Lab.Query(states, Set.of(), "", 0, 0, RUNS)).runs().stream()
        .filter(run -> String.valueOf(run.id()).startsWith(typed))
        .sorted(Comparator.comparingLong(Run::id).reversed())
        .map(Candidates::run)
        .toList();
  }

  /** For example {@code 7 tiny done 30.9}. */
  private static Candidate run(Run run) {
    double answer = RunTables.answer(run.metrics());
    String shown =
        run.id()
            + " "
            + run.name()
            + " "
            + Names.writtenChoice(run.state())
            + (Double.isNaN(answer) ? "" : Text.format(" %.1f", 100 * answer));
    return new Candidate(String.valueOf(run.id()), Visible.line(shown), "", true);
  }

  private static List<Candidate> states() {
    return words(Arrays.stream(Run.State.values()).map(Names::writtenChoice));
  }

  private List<Candidate> fields(String before, boolean complete) {
    List<Candidate> fields = new ArrayList<>();
    for (String field : lab.map(Lab::fields).orElse(List.of())) {
      fields.add(new Candidate(before + field, before + field, "", complete));
    }
    return fields;
  }

  /** Of several conditions, the last one is completed. */
  private List<Candidate> conditions(String typed) {
    return after(
        typed,
        typed.lastIndexOf(' ') + 1,
        word -> {
          Matcher value = CONDITION.matcher(word);
          if (!value.matches()) {
            return fields("", false);
          }
          List<Candidate> values =
              switch (value.group(1)) {
                case "state" -> states();
                case "network" -> networks();
                case "device" -> devices();
                case "network.gate" -> part("gate", value.group(2));
                case "network.backbone" -> part("backbone", value.group(2));
                default -> List.of();
              };
          return after(word, value.start(2), typedValue -> values);
        });
  }

  private List<Candidate> metrics(List<String> before) {
    for (String word : before) {
      if (lab.isPresent() && word.matches("[0-9]{1,18}")) {
        return words(lab.get().metrics(Long.parseLong(word)).stream());
      }
    }
    return List.of();
  }

  /** A name, or what follows it: {@code resnet:width=16}. */
  private List<Candidate> part(String kind, String typed) {
    int colon = typed.lastIndexOf(':');
    if (colon < 0) {
      return registry.parts(kind).stream()
          .map(
              part ->
                  new Candidate(part.name(), part.name(), part.about(), part.options().isEmpty()))
          .toList();
    }
    String name = typed.substring(0, typed.indexOf(':'));
    return registry.parts(kind).stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .map(part -> after(typed, colon + 1, word -> option(part.options(), word)))
        .orElse(List.of());
  }

  private static List<Candidate> option(List<OptionInfo> options, String typed) {
    int equals = typed.indexOf('=');
    if (equals < 0) {
      return options.stream()
          .map(o -> new Candidate(o.name() + "=", o.name() + "=", about(o), false))
          .toList();
    }
    String name = typed.substring(0, equals).replace('-', '_');
    return options.stream()
        .filter(o -> o.name().equals(name))
        .findFirst()
        .map(o -> after(typed, equals + 1, word -> choices(o)))
        .orElse(List.of());
  }

  private static String about(OptionInfo option) {
    return (option.about() + " [" + option.defaultValue() + "]").strip();
  }

  private static List<Candidate> choices(OptionInfo option) {
    List<String> values =
        option.type().equals("boolean") ? List.of("true", "false") : option.allowed();
    return values.stream().map(v -> new Candidate(v, v, "", false)).toList();
  }

  private List<Candidate> plugins() {
    return plugins
        .map(
            p ->
                p.list().stream()
                    .map(one -> new Candidate(one.name(), one.version() + " " + one.state()))
                    .toList())
        .orElse(List.of());
  }

  private List<Candidate> recipes() {
    return trainer
        .map(t -> t.recipes().stream().map(r -> new Candidate(r.name(), r.about())).toList())
        .orElse(List.of());
  }

  private List<Candidate> devices() {
    List<String> names = devices.map(Devices::names).orElse(List.of(Devices.CPU));
    return words(Stream.concat(Stream.of("auto"), names.stream()).distinct());
  }

  private List<Candidate> tokens() {
    return tokens
        .map(
            t ->
                t.list().stream()
                    .map(
                        token ->
                            new Candidate(
                                token.id(),
                                token.name() + " " + token.role().name().toLowerCase(Locale.ROOT)))
                    .toList())
        .orElse(List.of());
  }

  private List<Candidate> setting(String typed, List<String> before, boolean grid) {
    List<Option> options =
        trainer
            .map(t -> t.options().stream().map(i -> TrainCommand.setting(i, "")).toList())
            .orElse(List.of());
    int equals = typed.indexOf('=');
    if (equals < 0) {
      return options.stream()
          .map(o -> new Candidate(o.setting() + "=", o.setting() + "=", o.about(), false))
          .toList();
    }
    String name = typed.substring(0, equals).replace('-', '_');
    int start = Math.max(equals, grid ? typed.lastIndexOf('/') : equals) + 1;
    return options.stream()
        .filter(o -> o.setting().equals(name))
        .findFirst()
        .map(o -> after(typed, start, word -> value(o, word, before)))
        .orElse(List.of());
  }

  private List<Candidate> value(Option option, String typed, List<String> before) {
    ValueKind kind = ValueKind.of("train", option, String.class);
    if (kind == ValueKind.CHOICE) {
      return words(option.choices().stream());
    }
    return kind == null ? List.of() : of(kind, typed, before);
  }
}
