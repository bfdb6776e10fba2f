package org.riglab.shell.internal;

import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Kinds of values of options and arguments, for completion. */
enum ValueKind {
  NETWORK,
  /** Any run. */
  RUN,
  /** A run that has not ended. */
  OPEN_RUN,
  WAITING_RUN,
  PAUSED_RUN,
  ENDED_RUN,
  RUN_OR_NETWORK,
  RUN_STATE,
  /** Fields of runs. */
  RUN_FIELDS,
  /** Fields of runs, with {@code -} in front for descending. */
  RUN_ORDER,
  /** Conditions on fields of runs. */
  RUN_CONDITIONS,
  /** A metric of the run that the line names. */
  RUN_METRIC,
  BACKBONE,
  HEAD,
  GATE,
  UNROLL,
  DATASET,
  METRIC,
  LOSS,
  TRANSFORM,
  /** A kind of parts. */
  KIND,
  PLUGIN,
  RECIPE,
  DEVICE,
  TOKEN,
  COMMAND,
  /** {@code OPTION=VALUE} of a training. */
  SETTING,
  /** {@code OPTION=VALUE/VALUE} of a training. */
  GRID,
  FILE,
  /** One of the option's choices. */
  CHOICE,
  /** Numbers, new names and the like. */
  FREE;

  /** By {@code COMMAND NAME}, or by the name alone for the other commands. */
  private static final Map<String, ValueKind> BY_NAME = new HashMap<>();

  private static void put(ValueKind kind, String... names) {
    for (String name : names) {
      BY_NAME.put(name, kind);
    }
  }

  static {
    put(NETWORK, "NAME", "NETWORK", "--network", "--move");
    put(FREE, "assemble NAME", "plugin new NAME", "token create --name");
    put(RUN, "ID", "IDS", "FIRST", "SECOND", "--sweep");
    put(OPEN_RUN, "cancel IDS", "pause IDS", "--after");
    put(WAITING_RUN, "move ID", "--before", "priority ID");
    put(PAUSED_RUN, "resume IDS");
    put(ENDED_RUN, "retry IDS");
    put(RUN_OR_NETWORK, "compare WHAT");
    put(RUN_STATE, "--state");
    put(RUN_FIELDS, "--columns");
    put(RUN_ORDER, "--sort");
    put(RUN_CONDITIONS, "--where");
    put(RUN_METRIC, "--metric");
    put(BACKBONE, "--backbone");
    put(HEAD, "--head");
    put(GATE, "--gate");
    put(UNROLL, "--unroll");
    put(DATASET, "--dataset", "DATASET");
    put(METRIC, "--metrics");
    put(LOSS, "--loss");
    put(TRANSFORM, "--transforms");
    put(KIND, "KIND");
    put(PLUGIN, "plugin doctor NAME", "plugin remove NAME", "plugin rollback NAME");
    put(FILE, "plugin install SOURCE", "plugin update SOURCE", "--data", "--coarse");
    put(RECIPE, "--recipe", "recipes NAME");
    put(DEVICE, "--device", "DEVICE");
    put(TOKEN, "token revoke ID");
    put(SETTING, "--set");
    put(GRID, "--grid");
    put(
        FREE,
        "--feedback",
        "--iterations",
        "--size",
        "--resize",
        "--window",
        "--overlap",
        "--scales",
        "--input-scales",
        "--split",
        "--train-split",
        "--val-split",
        "--limit",
        "--threads",
        "--filter",
        "--only",
        "--title",
        "--seeds",
        "--maps",
        "--older-than",
        "--budget-gmac",
        "--budget-ms",
        "--until",
        "TEXT",
        "TAGS",
        "WORD",
        "--cluster",
        "--master",
        "--gres",
        "--on",
        "--partition",
        "--time",
        "--layers",
        "--prefix",
        "--group",
        "--dependency",
        "log level LEVEL",
        "--package",
        "--class-weights",
        "--iteration-weights",
        "--mean",
        "--std");
  }

  /**
   * @param command for example {@code plugin install}
   * @param option with a value
   * @param type of the method's parameter
   * @return the kind of the value; null for arbitrary text
   */
  static ValueKind of(String command, Option option, Type type) {
    if (!option.choices().isEmpty() && !option.name().equals("--recipe")) {
      return CHOICE;
    }
    ValueKind kind = named(command, option.name());
    if (kind == null && !option.setting().isEmpty() && option.number()) {
      return FREE;
    }
    return kind == null ? ofType(type) : kind;
  }

  /**
   * @param command for example {@code plugin install}
   * @param argument of the command
   * @param type of the method's parameter
   * @return the kind of the value; null for arbitrary text
   */
  static ValueKind of(String command, Usage.Argument argument, Type type) {
    ValueKind kind = named(command, argument.name());
    return kind == null ? ofType(type) : kind;
  }

  private static ValueKind named(String command, String name) {
    ValueKind kind = BY_NAME.get(command + " " + name);
    return kind == null ? BY_NAME.get(name) : kind;
  }

  private static ValueKind ofType(Type type) {
    Type element = Usage.element(type);
    return element == Path.class ? FILE : element == String.class ? null : FREE;
  }
}
