package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.console.Guide;

/** Completes the words of this bundle's commands, and sorts them by task. */
@Component
public final class CommandGuide implements Guide {
  private static final List<Section> SECTIONS =
      List.of(
          new Section(
              "Networks",
              List.of(
                  "assemble",
                  "networks",
                  "show",
                  "swap",
                  "import",
                  "weights",
                  "export",
                  "discard",
                  "forward",
                  "parity",
                  "bench")),
          new Section("Data", List.of("data")),
          new Section("Train", List.of("train", "recipes", "demo", "ablate", "search")),
          new Section(
              "Evaluate and predict",
              List.of("eval", "compare", "matrix", "inspect", "predict", "score")),
          new Section("Runs", List.of("runs", "run", "watch", "diff", "pictures", "replay")),
          new Section(
              "Queue",
              List.of(
                  "submit",
                  "sweep",
                  "queue",
                  "top",
                  "pause",
                  "resume",
                  "cancel",
                  "retry",
                  "priority",
                  "move")),
          new Section("Parts and plugins", List.of("list", "plugin")),
          new Section("Administration", List.of("status", "log", "gpu", "spark", "token")));

  private final Candidates candidates;

  /**
   * @param candidates for values
   */
  @Activate
  public CommandGuide(@Reference Candidates candidates) {
    this.candidates = candidates;
  }

  @Override
  public List<Section> sections() {
    return SECTIONS;
  }

  @Override
  public Optional<Completion> complete(Object object, List<String> words) {
    if (!(object instanceof Command command)) {
      return Optional.empty();
    }
    Optional<Usage> named = words.size() > 1 ? usage(command, words.get(0)) : Optional.empty();
    if (named.isPresent()) {
      return Optional.of(new Position(named.get(), words.subList(1, words.size())).completion());
    }
    // A command may do something of its own, or one of its actions, without naming it.
    Optional<Usage> own = usage(command, command.standard());
    List<Candidate> both = new ArrayList<>();
    if (words.size() == 1) {
      both.addAll(actions(command, words.get(0), own.isEmpty()));
    }
    Completion completion =
        own.map(usage -> new Position(usage, words).completion()).orElse(Completion.NONE);
    both.addAll(completion.candidates());
    return Optional.of(new Completion(both, completion.files()));
  }

  private static Optional<Usage> usage(Command command, String action) {
    String called = action.isEmpty() ? command.name() : command.name() + " " + action;
    return command.usages().stream().filter(usage -> usage.command().equals(called)).findFirst();
  }

  private static List<Candidate> actions(Command command, String typed, boolean help) {
    List<Candidate> actions = new ArrayList<>();
    if (!typed.startsWith("-")) {
      for (Usage usage : command.usages()) {
        if (!usage.command().equals(command.name())) {
          String action = usage.command().substring(command.name().length() + 1);
          actions.add(new Candidate(action, usage.about()));
        }
      }
    } else if (help) {
      actions.add(new Candidate("--help", "shows help"));
    }
    return actions;
  }

  /** Where a line ends: in an option's name, in its value, or in an argument. */
  private final class Position {
    private final Usage usage;
    private final List<String> before;
    private final String typed;
    private final Set<Option> given = new HashSet<>();
    private Optional<Option> open = Optional.empty();
    private int arguments;
    private boolean plain;

    Position(Usage usage, List<String> words) {
      this.usage = usage;
      this.before = words.subList(0, words.size() - 1);
      this.typed = words.get(words.size() - 1);
      before.forEach(this::pass);
    }

    private void pass(String word) {
      if (open.isPresent()) {
        open = Optional.empty();
      } else if (!plain && word.equals("--")) {
        plain = true;
      } else if (plain || !word.startsWith("-") || word.length() == 1) {
        arguments++;
      } else {
        String name = word.startsWith("--") ? word.split("=", 2)[0] : word;
        Optional<Option> option = usage.option(name);
        option.ifPresent(given::add);
        open = option.filter(o -> !o.flag() && word.equals(name));
      }
    }

    Completion completion() {
      if (open.isPresent()) {
        return value(open.get(), 0);
      }
      if (!plain && typed.startsWith("-")) {
        int equals = typed.startsWith("--") ? typed.indexOf('=') : -1;
        if (equals < 0) {
          return new Completion(options());
        }
        return usage
            .option(typed.substring(0, equals))
            .filter(option -> !option.flag())
            .map(option -> value(option, equals + 1))
            .orElse(Completion.NONE);
      }
      List<Usage.Argument> all = usage.arguments();
      int last = all.size() - 1;
      if (arguments <= last || last >= 0 && all.get(last).many()) {
        Usage.Argument argument = all.get(Math.min(arguments, last));
        ValueKind kind =
            ValueKind.of(usage.command(), argument, usage.types().get(argument.index()));
        return of(kind, List.of(), 0);
      }
      return typed.isEmpty() && !plain ? new Completion(options()) : Completion.NONE;
    }

    private List<Candidate> options() {
      List<Candidate> options = new ArrayList<>();
      for (Option option : usage.options()) {
        if (!given.contains(option) || usage.repeatable(option)) {
          for (String name : option.names()) {
            options.add(new Candidate(name, option.about()));
          }
        }
      }
      options.add(new Candidate("--help", "shows help"));
      return options;
    }

    private Completion value(Option option, int start) {
      ValueKind kind = ValueKind.of(usage.command(), option, usage.types().get(option.index()));
      return of(kind, option.choices(), start);
    }

    private Completion of(ValueKind kind, List<String> choices, int start) {
      if (kind == null) {
        return Completion.NONE;
      }
      String value = typed.substring(start);
      List<Candidate> values =
          kind == ValueKind.CHOICE
              ? choices.stream().map(choice -> new Candidate(choice, "")).toList()
              : candidates.of(kind, value, before);
      String kept = typed.substring(0, start);
      List<Candidate> words =
          values.stream()
              .map(c -> new Candidate(kept + c.word(), c.shown(), c.about(), c.complete()))
              .toList();
      boolean files = kind == ValueKind.FILE || kind == ValueKind.RECIPE;
      return new Completion(words, files ? start : -1);
    }
  }
}
