package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Weights;

/** Writes networks for other systems. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=export",
      Role.PROPERTY + "=operator"
    })
public final class ExportCommand extends Command {
  private static final String SAFETENSORS = "safetensors";
  private static final Map<String, String> EXTENSIONS = Map.of("torchscript", "pt");

  private final Weights weights;

  /**
   * @param weights writes files
   */
  @Activate
  public ExportCommand(@Reference Weights weights) {
    super("export");
    this.weights = weights;
  }

  /**
   * @param session writes to it
   * @param format of the file
   * @param output where to
   * @param size of images
   * @param name of the network
   */
  @Descriptor("exports a network or its weights to a file")
  public void export(
      CommandSession session,
      @Descriptor(
              "safetensors|torchscript|onnx: file format; safetensors contains only the weights")
          @Parameter(
              names = {"-f", "--format"},
              absentValue = SAFETENSORS)
          String format,
      @Descriptor(
              "FILE: output file; default: NAME.safetensors, NAME.pt or NAME.onnx in the current"
                  + " directory")
          @Parameter(
              names = {"-o", "--output"},
              absentValue = "")
          Optional<Path> output,
      @Descriptor(
              "HxW: size of the images that the exported network takes, for networks that cannot be"
                  + " exported for any size")
          @Parameter(
              names = {"-s", "--size"},
              absentValue = "")
          Optional<String> size,
      @Descriptor("name of the network") String name) {
    String extension = EXTENSIONS.getOrDefault(format, format);
    Path file = output.orElse(session.currentDir().resolve(name + "." + extension));
    weights.write(name, format, size.map(Specs::size).orElse(List.of()), file);
    Terminal.of(session).out().println(file);
  }
}
