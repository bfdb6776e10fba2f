package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.author.Parity;
import org.riglab.base.Feature;
import org.riglab.base.Json;

/** Compares networks with reference numbers. */
@Feature(Feature.TRAINING)
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=parity"
    })
public final class ParityCommand extends Command {
  private static final String CASE = "case.json";
  private static final String END = "\n";

  private final Parity parity;

  /**
   * @param parity compares
   */
  @Activate
  public ParityCommand(@Reference Parity parity) {
    super("parity");
    this.parity = parity;
  }

  /**
   * The arguments of {@code parity}.
   *
   * @param out where to write what was computed
   * @param trace whether to write intermediates too
   * @param only names to begin with
   * @param json whether to print JSON
   * @param dir cases or folders of cases
   */
  record Arguments(
      @Descriptor("DIR: writes the results to CASE/got.safetensors")
          @Parameter(
              names = {"-o", "--out"},
              absentValue = "")
          Optional<Path> out,
      @Descriptor(
              "with --out: also writes eval.block.K.tT, eval.gated.K.tT, eval.gate.K.tT and"
                  + " eval.op.LAYER.tT")
          @Parameter(
              names = {"-t", "--trace"},
              presentValue = "true",
              absentValue = "false")
          boolean trace,
      @Descriptor("PREFIX,...: only cases with these prefixes")
          @Parameter(
              names = {"-n", "--only"},
              absentValue = "")
          String only,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("directories of cases (with case.json), or of several cases") List<Path> dir) {}

  /**
   * @param session writes to it
   * @param given see {@link Arguments}
   * @throws InterruptedException between two cases
   */
  @Descriptor(
      "compares logits, gradients, and the weights and losses of two training steps with reference"
          + " values. Prints one row per case; fails if a relative error exceeds 1e-4. --json"
          + " prints an array of objects: name, tensors, worst, worstTensor, losses, first (the"
          + " first difference in the order of execution: tensor, error, block, iteration,"
          + " operation, where; or null), or name and error")
  public void parity(CommandSession session, Arguments given) throws InterruptedException {
    if (given.trace() && given.out().isEmpty()) {
      throw Usage.wrong("--trace requires --out DIR");
    }
    List<Path> cases = cases(given.dir(), given.only());
    Terminal terminal = Terminal.of(session);
    JsonArray array = new JsonArray();
    List<String> bad = new ArrayList<>();
    int width =
        Math.max("case".length(), cases.stream().mapToInt(c -> name(c).length()).max().orElse(0));
    String row = "%-" + width + "s  %7s  %9s  %-8s  %-8s  %s" + END;
    int room = terminal.columns() - Text.format(row, "", "", "", "", "", "").indexOf(END);
    if (!given.json()) {
      terminal
          .out()
          .print(Text.format(row, "case", "tensors", "worst", "loss 1", "loss 2", "worst tensor"));
    }
    for (Path path : cases) {
      if (Thread.interrupted()) {
        throw new InterruptedException("before case " + name(path));
      }
      try {
        Parity.Row got = parity.compare(path, given.out(), given.trace());
        boolean expected = got.tensors() > 0;
        // Written this way round, NaN is bad.
        if (expected && !(got.worst() <= Parity.TOLERANCE)) {
          bad.add(got.name());
        }
        array.add(Json.tree(got));
        if (!given.json()) {
          terminal
              .out()
              .print(
                  Text.format(
                      row,
                      got.name(),
                      got.tensors(),
                      expected ? Text.format("%.2e", got.worst()) : "-",
                      loss(got, 0),
                      loss(got, 1),
                      expected ? Text.tail(got.worstTensor(), room) : "nothing expected"));
          got.first()
              .ifPresent(
                  first ->
                      terminal
                          .out()
                          .println(
                              Text.format(
                                  "  first difference: %s, %.2e", first.where(), first.error())));
          terminal.out().flush();
        }
      } catch (RigException e) {
        bad.add(name(path));
        JsonObject object = new JsonObject();
        object.addProperty("name", name(path));
        object.addProperty("error", e.getMessage());
        array.add(object);
        if (!given.json()) {
          terminal.out().println(Text.format("%-" + width + "s  %s", name(path), e.getMessage()));
        }
      }
    }
    if (given.json()) {
      terminal.out().print(Json.text(array));
    }
    if (!bad.isEmpty()) {
      throw new RigException(
          RigException.Kind.PART_FAILED,
          Text.format(
              "%d of %d cases fail or exceed a relative error of %.0e: %s",
              bad.size(), cases.size(), Parity.TOLERANCE, String.join(", ", bad)));
    }
  }

  private static String loss(Parity.Row row, int step) {
    return step < row.losses().size() ? Text.format("%.6f", row.losses().get(step)) : "-";
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static List<Path> cases(List<Path> folders, String only) {
    List<Path> cases = new ArrayList<>();
    for (Path folder : folders) {
      if (Files.exists(folder.resolve(CASE))) {
        cases.add(folder);
        continue;
      }
      try (Stream<Path> inside = Files.list(folder)) {
        cases.addAll(inside.filter(p -> Files.exists(p.resolve(CASE))).sorted().toList());
      } catch (IOException e) {
        throw new RigException(
            RigException.Kind.NOT_FOUND, folder + " is neither a case nor a directory of cases", e);
      }
    }
    List<String> prefixes = Arrays.stream(only.split(",")).map(String::strip).toList();
    List<Path> chosen =
        cases.stream().filter(c -> prefixes.stream().anyMatch(name(c)::startsWith)).toList();
    if (chosen.isEmpty()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "no case (a folder with "
              + CASE
              + ") in "
              + folders.stream().map(Path::toString).collect(Collectors.joining(", "))
              + (only.isEmpty() ? "" : " starts with " + only));
    }
    return chosen;
  }
}
