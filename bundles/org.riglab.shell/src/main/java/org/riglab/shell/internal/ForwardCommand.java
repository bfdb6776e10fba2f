package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Predictions;

/** Evaluates a spec on given tensors. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=forward"
    })
public final class ForwardCommand extends Command {
  private final Networks networks;
  private final Predictions predictions;

  /**
   * @param networks reads specs
   * @param predictions evaluates
   */
  @Activate
  public ForwardCommand(@Reference Networks networks, @Reference Predictions predictions) {
    super("forward");
    this.networks = networks;
    this.predictions = predictions;
  }

  /**
   * @param session writes to it
   * @param spec of the network
   * @param weights of the network
   * @param input images
   * @param output logits
   */
  @Descriptor(
      "evaluates a network that is not stored, with given tensors: reads the tensor image"
          + " (N,3,H,W), writes eval.logits.t1 to eval.logits.tu (N,C,H,W). All files except the"
          + " spec are safetensors files; all four are required")
  public void forward(
      CommandSession session,
      @Descriptor(
              "FILE: JSON spec of the network: a Riglab spec, the case.json of a parity case, or"
                  + " its spec object")
          @Parameter(
              names = {"-s", "-S", "--spec"},
              absentValue = "")
          Optional<Path> spec,
      @Descriptor("FILE: state dict")
          @Parameter(
              names = {"-w", "--weights"},
              absentValue = "")
          Optional<Path> weights,
      @Descriptor("FILE: images")
          @Parameter(
              names = {"-i", "--input"},
              absentValue = "")
          Optional<Path> input,
      @Descriptor("FILE: output file for the logits")
          @Parameter(
              names = {"-o", "--output"},
              absentValue = "")
          Optional<Path> output) {
    Path specFile = needed("--spec", spec);
    Path weightsFile = needed("--weights", weights);
    Path inputFile = needed("--input", input);
    Path outputFile = needed("--output", output);
    predictions.forward(Submissions.spec(networks, specFile), weightsFile, inputFile, outputFile);
    Terminal.of(session).out().println(outputFile);
  }

  private static Path needed(String option, Optional<Path> file) {
    return file.orElseThrow(
        () ->
            Usage.wrong(
                option + " FILE is missing; required are --spec, --weights, --input and --output"));
  }
}
