package org.riglab.shell.internal;

import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.api.engine.DeviceTest;
import org.riglab.api.engine.Devices;
import org.riglab.api.engine.EngineInfo;
import org.riglab.api.engine.EngineSetup;
import org.riglab.api.engine.Gpu;
import org.riglab.base.Json;

/** Shows, installs and tests the engine for GPUs. */
@Descriptor("shows the GPUs and the engine; installs and tests the GPU engine")
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=gpu",
      Role.PROPERTY + "=show=viewer",
      Role.PROPERTY + "=test=operator"
    })
public final class GpuCommand extends Command {
  private static final double GIB = 1L << 30;

  private final Devices devices;
  private final EngineSetup setup;
  private final DeviceTest test;

  /**
   * @param devices what there is
   * @param setup installs
   * @param test tests; null where there is no trainer
   */
  @Activate
  public GpuCommand(
      @Reference Devices devices,
      @Reference EngineSetup setup,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          DeviceTest test) {
    super("gpu");
    this.devices = devices;
    this.setup = setup;
    this.test = test;
  }

  @Override
  String standard() {
    return "show";
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "shows the NVIDIA driver, the GPUs, the engine, the default device, and the recommended next"
          + " command. --json prints an object: driver (version, cuda, problem; or null), gpus"
          + " (device, model, memoryBytes, computeCapability), engine (build, version, cuda,"
          + " source, directory, architectures), devices, auto, warning (or null)")
  public void show(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    PrintStream out = Terminal.of(session).out();
    if (json) {
      out.print(Json.text(facts()));
      return;
    }
    row(out, "driver", devices.driver().map(GpuCommand::words).orElse("no NVIDIA driver"));
    for (Gpu gpu : devices.gpus()) {
      row(out, gpu.device(), words(gpu));
    }
    EngineInfo engine = devices.engine();
    row(out, "engine", words(engine));
    if (!engine.architectures().isEmpty()) {
      row(out, "", "GPU code for compute capability " + joined(engine));
    }
    row(out, "auto", devices.auto());
    devices.warning().ifPresent(warning -> row(out, "warning", warning));
    row(out, "next", next());
  }

  private String next() {
    boolean cuda = devices.engine().build() == EngineInfo.Build.CUDA;
    if (devices.warning().isPresent() && !cuda) {
      return "rig gpu setup";
    }
    return "rig gpu test " + devices.auto();
  }

  private static void row(PrintStream out, String label, String text) {
    out.println(Text.format("%-8s %s", label, text));
  }

  private static String words(Devices.Driver driver) {
    return Stream.of(
            driver.version().isEmpty() ? "version unknown" : driver.version(),
            driver.cuda().isEmpty() ? "" : "supports CUDA " + driver.cuda(),
            driver.problem())
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private static String words(Gpu gpu) {
    return gpu.model()
        + (gpu.memoryBytes() == 0 ? "" : Text.format(", %.1f GiB", gpu.memoryBytes() / GIB))
        + gpu.capability().map(c -> ", compute capability " + c).orElse("");
  }

  private static String words(EngineInfo engine) {
    String build =
        engine.build() == EngineInfo.Build.CPU ? "for the CPU" : "for CUDA " + engine.cuda();
    return "PyTorch %s %s, from %s".formatted(engine.version(), build.strip(), engine.source())
        + (engine.directory().isEmpty() ? "" : " (" + engine.directory() + ")");
  }

  private static String joined(EngineInfo engine) {
    return engine.architectures().stream()
        .map(ComputeCapability::toString)
        .collect(Collectors.joining(", "));
  }

  private Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("driver", devices.driver());
    facts.put("gpus", devices.gpus().stream().map(GpuCommand::map).toList());
    facts.put("engine", map(devices.engine()));
    facts.put("devices", devices.names());
    facts.put("auto", devices.auto());
    facts.put("warning", devices.warning());
    return facts;
  }

  private static Map<String, Object> map(Gpu gpu) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("device", gpu.device());
    map.put("model", gpu.model());
    map.put("memoryBytes", gpu.memoryBytes());
    map.put("computeCapability", gpu.capability().map(Object::toString));
    return map;
  }

  private static Map<String, Object> map(EngineInfo engine) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("build", engine.build());
    map.put("version", engine.version());
    map.put("cuda", engine.cuda());
    map.put("source", engine.source());
    map.put("directory", engine.directory());
    map.put("architectures", engine.architectures().stream().map(Object::toString).toList());
    return map;
  }

  /**
   * @param session writes to it
   * @param engineDir where engines are
   * @param python interpreter of an environment with torch
   * @param libtorch unpacked libtorch
   * @param cpu whether to go back to the CPU
   */
  @Descriptor(
      "installs the GPU engine: downloads libtorch and the CUDA libraries from Maven repositories"
          + " (3.0 GB, 3.6 GB unpacked) and writes HOME/config/engine.json, which is used from the"
          + " next start on. An interrupted download is continued. With --python or --libtorch"
          + " nothing is downloaded")
  public void setup(
      CommandSession session,
      @Descriptor(
              "DIR: installation directory, which several homes can share; default: HOME/engine")
          @Parameter(
              names = {"-E", "--engine-dir"},
              absentValue = "")
          Optional<Path> engineDir,
      @Descriptor("PYTHON: uses torch 2.7.1 from the environment of this interpreter")
          @Parameter(
              names = {"-P", "--python"},
              absentValue = "")
          Optional<Path> python,
      @Descriptor("DIR: uses an unpacked libtorch 2.7.1 for CUDA 12")
          @Parameter(
              names = {"-L", "--libtorch"},
              absentValue = "")
          Optional<Path> libtorch,
      @Descriptor("restores the CPU engine")
          @Parameter(
              names = {"-C", "--cpu"},
              presentValue = "true",
              absentValue = "false")
          boolean cpu) {
    long sources =
        Stream.of(engineDir.isPresent(), python.isPresent(), libtorch.isPresent(), cpu)
            .filter(given -> given)
            .count();
    if (sources > 1) {
      throw Usage.wrong("--engine-dir, --python, --libtorch and --cpu exclude each other");
    }
    Terminal terminal = Terminal.of(session);
    EngineInfo engine;
    try (ByteProgress progress = new ByteProgress(terminal)) {
      engine =
          cpu
              ? setup.cpu()
              : python.isPresent()
                  ? setup.python(python.get())
                  : libtorch.isPresent()
                      ? setup.libtorch(libtorch.get())
                      : setup.fetch(engineDir, progress);
    }
    row(terminal.out(), "engine", words(engine));
    row(
        terminal.out(),
        "next",
        cpu ? "rig gpu" : "rig gpu test (processes that run keep their engine)");
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   * @param device what to test
   * @throws InterruptedException between two networks
   */
  @Descriptor(
      "compares a device with the CPU: logits, gradients and losses of two training steps of small"
          + " networks, in float32 without TF32 and in bfloat16; repeatability of the losses;"
          + " leaked arrays and memory; images per second. Fails if a float32 error exceeds 1e-3, a"
          + " bfloat16 error exceeds 0.1 (0.5 for gradients), losses are not repeatable, or memory"
          + " leaks. --json prints an object: engine, device, passed, rows (network, precision,"
          + " logits, gradients, steps, repeats, leftArrays, leftMiB, imagesPerSecond, passed)")
  public void test(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("device to test: cpu, gpu0, ...; default: the device that auto selects")
          Optional<String> device)
      throws InterruptedException {
    if (test == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "the test requires the feature training, which is not installed");
    }
    DeviceTest.Result result = test.test(device.orElse("auto"));
    Terminal terminal = Terminal.of(session);
    PrintStream out = terminal.out();
    if (json) {
      JsonObject object = Json.tree(result).getAsJsonObject();
      object.addProperty("passed", result.passed());
      out.print(Json.text(object));
    } else {
      out.println("engine  " + result.engine());
      out.println("device  " + result.device());
      terminal.print(table(result));
    }
    if (!result.passed()) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "device %s failed the test: see the rows with FAILED".formatted(result.device()));
    }
  }

  private static Table table(DeviceTest.Result result) {
    Table table =
        new Table(
            "network", "type", "logits", "gradients", "steps", "repeats", "left", "img/s", "");
    for (DeviceTest.Row row : result.rows()) {
      table.row(
          row.network(),
          row.precision().name().toLowerCase(Locale.ROOT),
          Text.format("%.1e", row.logits()),
          Text.format("%.1e", row.gradients()),
          Text.format("%.1e", row.steps()),
          row.repeats() ? "yes" : "no",
          Text.count(row.leftArrays(), "array")
              + (Double.isNaN(row.leftMiB()) ? "" : Text.format(", %.0f MiB", row.leftMiB())),
          Text.format("%.1f", row.imagesPerSecond()),
          row.passed() ? "ok" : "FAILED");
    }
    return table;
  }
}
