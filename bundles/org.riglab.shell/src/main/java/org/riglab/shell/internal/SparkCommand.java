package org.riglab.shell.internal;

import java.io.PrintStream;
import java.nio.file.Path;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.engine.SparkSetup;

/** Shows and installs Apache Spark. */
@Descriptor("shows and installs Apache Spark, which 'predict --engine spark' uses")
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=spark",
      Role.PROPERTY + "=show=viewer"
    })
public final class SparkCommand extends Command {
  private final SparkSetup setup;

  /**
   * @param setup installs; null where its bundle is missing
   */
  @Activate
  public SparkCommand(
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          SparkSetup setup) {
    super("spark");
    this.setup = setup;
  }

  @Override
  String standard() {
    return "show";
  }

  private SparkSetup setup() {
    if (setup == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "spark requires the bundle org.riglab.spark, which is not installed");
    }
    return setup;
  }

  /**
   * @param session writes to it
   */
  @Descriptor("shows which installation of Spark is used")
  public void show(CommandSession session) {
    PrintStream out = Terminal.of(session).out();
    out.println(
        setup()
            .home()
            .map(Path::toString)
            .orElse(
                "none; 'rig spark setup' fetches Spark %s, or SPARK_HOME names an installation"
                    .formatted(setup().version())));
  }

  /**
   * @param session writes to it
   */
  @Descriptor(
      "installs Spark: downloads it from Maven repositories (160 MB) to HOME/spark. An interrupted"
          + " download is continued")
  public void setup(CommandSession session) {
    Terminal terminal = Terminal.of(session);
    Path home;
    try (ByteProgress progress = new ByteProgress(terminal)) {
      home = setup().fetch(progress);
    }
    terminal.out().println("Spark " + setup().version() + " is in " + home);
  }
}
