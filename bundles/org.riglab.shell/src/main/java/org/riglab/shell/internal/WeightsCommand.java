package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
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
import org.riglab.api.access.Role;
import org.riglab.api.bench.WeightFile;
import org.riglab.api.bench.Weights;
import org.riglab.base.Json;
import org.riglab.base.Visible;

/** Lists the contents of weight files. */
@Descriptor("lists files of weights")
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=weights",
      Role.PROPERTY + "=show=operator"
    })
public final class WeightsCommand extends Command {
  private final Weights weights;

  /** Orders of tensors. */
  private enum Order {
    FILE,
    NAME,
    SIZE
  }

  /**
   * @param weights reads files
   */
  @Activate
  public WeightsCommand(@Reference Weights weights) {
    super("weights");
    this.weights = weights;
  }

  /**
   * @param session writes to it
   * @param filter of names
   * @param sort one of {@link Order}
   * @param depth of groups
   * @param json whether to print JSON
   * @param file of weights
   */
  @Descriptor(
      "lists the tensors of a file: names, containers, types and shapes. FILE is a safetensors,"
          + " npz, or torch.save file (.pth, .pt, both formats); code in it is never executed."
          + " --json prints an object: format, metadata, tensors (container, name, dtype, shape,"
          + " values)")
  public void show(
      CommandSession session,
      @Descriptor(
              "PATTERN: lists tensors with such names only; * stands for any characters, for"
                  + " example '*.conv1.*'")
          @Parameter(
              names = {"-f", "--filter"},
              absentValue = "")
          Optional<String> filter,
      @Descriptor("file|name|size: order: of the file, by name, or largest first")
          @Parameter(
              names = {"-s", "--sort"},
              absentValue = "file")
          String sort,
      @Descriptor(
              "N: sums up tensors whose names agree in the first N parts (between dots); 0 for the"
                  + " containers")
          @Parameter(
              names = {"-d", "--depth"},
              absentValue = "")
          Optional<Integer> depth,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("file with the weights") Path file) {
    Order order = Specs.constant(Order.class, "--sort", sort);
    if (depth.isPresent() && depth.get() < 0) {
      throw Usage.wrong("--depth is %d; it must be 0 or more".formatted(depth.get()));
    }
    WeightFile found = weights.list(file);
    List<WeightFile.Tensor> tensors = chosen(found.tensors(), filter, order);
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(object(found, tensors)));
      return;
    }
    terminal.out().println("format  " + found.format());
    found
        .metadata()
        .forEach((key, value) -> terminal.out().println(Visible.line(key + "  " + value)));
    terminal.out().println();
    if (depth.isPresent()) {
      terminal.print(groups(tensors, depth.get(), order));
    } else {
      Table table = new Table("tensor", "type", "shape", "values");
      for (WeightFile.Tensor tensor : tensors) {
        table.row(
            path(tensor), tensor.dtype(), tensor.shape().toString(), Text.count(tensor.values()));
      }
      terminal.print(table);
    }
    terminal
        .out()
        .println(
            "%s, %s"
                .formatted(
                    Text.count(tensors.size(), "tensor"),
                    Text.count(
                        tensors.stream().mapToLong(WeightFile.Tensor::values).sum(), "value")));
  }

  private static String path(WeightFile.Tensor tensor) {
    return tensor.container().isEmpty() ? tensor.name() : tensor.container() + "/" + tensor.name();
  }

  private static List<WeightFile.Tensor> chosen(
      List<WeightFile.Tensor> all, Optional<String> filter, Order order) {
    Pattern pattern =
        Pattern.compile(
            Stream.of(filter.orElse("*").split("\\*", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*")));
    Stream<WeightFile.Tensor> some =
        all.stream()
            .filter(
                tensor ->
                    pattern.matcher(path(tensor)).matches()
                        || pattern.matcher(tensor.name()).matches());
    return switch (order) {
      case FILE -> some.toList();
      case NAME -> some.sorted(Comparator.comparing(WeightsCommand::path)).toList();
      case SIZE ->
          some.sorted(Comparator.comparingLong(WeightFile.Tensor::values).reversed()).toList();
    };
  }

  private static Table groups(List<WeightFile.Tensor> tensors, int depth, Order order) {
    Map<String, List<WeightFile.Tensor>> groups = new LinkedHashMap<>();
    for (WeightFile.Tensor tensor : tensors) {
      List<String> parts = List.of(tensor.name().split("[.]"));
      String prefix = String.join(".", parts.subList(0, Math.min(depth, parts.size())));
      String key = tensor.container().isEmpty() ? prefix : tensor.container() + "/" + prefix;
      groups.computeIfAbsent(key, none -> new ArrayList<>()).add(tensor);
    }
    Comparator<Map.Entry<String, List<WeightFile.Tensor>>> largest =
        Comparator.comparingLong(group -> -values(group.getValue()));
    Table table = new Table("group", "tensors", "types", "values");
    groups.entrySet().stream()
        .sorted(order == Order.SIZE ? largest : (a, b) -> 0)
        .forEach(
            group ->
                table.row(
                    group.getKey().isEmpty() ? "-" : group.getKey(),
                    Text.count(group.getValue().size()),
                    group.getValue().stream()
                        .map(WeightFile.Tensor::dtype)
                        .distinct()
                        .collect(Collectors.joining(", ")),
                    Text.count(values(group.getValue()))));
    return table;
  }

  private static long values(List<WeightFile.Tensor> tensors) {
    return tensors.stream().mapToLong(WeightFile.Tensor::values).sum();
  }

  private static Map<String, Object> object(WeightFile file, List<WeightFile.Tensor> tensors) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("format", file.format());
    object.put("metadata", file.metadata());
    object.put(
        "tensors",
        tensors.stream()
            .map(
                tensor -> {
                  Map<String, Object> row = new LinkedHashMap<>();
                  row.put("container", tensor.container());
                  row.put("name", tensor.name());
                  row.put("dtype", tensor.dtype());
                  row.put("shape", tensor.shape());
                  row.put("values", tensor.values());
                  return row;
                })
            .toList());
    return object;
  }
}
