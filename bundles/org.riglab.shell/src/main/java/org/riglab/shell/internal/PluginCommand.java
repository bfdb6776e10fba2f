package org.riglab.shell.internal;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
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
import org.riglab.api.author.PluginChecks;
import org.riglab.api.author.Templates;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Trainer;
import org.riglab.api.lab.Lab;
import org.riglab.base.Json;

/** Installs, updates and removes plugins. */
@Descriptor("installs, updates, removes and checks plugins at run time")
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=plugin",
      Role.PROPERTY + "=list=viewer",
      Role.PROPERTY + "=kept=viewer",
      Role.PROPERTY + "=search=viewer",
      Role.PROPERTY + "=show=viewer",
      Role.PROPERTY + "=outdated=viewer",
      Role.PROPERTY + "=doctor=viewer"
    })
public final class PluginCommand extends CatalogueCommands {

  /** The lab's check of what was refused. */
  private static final String INBOX = "inbox";

  private final Lab lab;
  private final Templates templates;
  private final Networks networks;
  private final Trainer trainer;
  private final Evaluator evaluator;

  /**
   * @param plugins third-party bundles
   * @param lab knows with which of them runs were made
   * @param templates writes projects; may be absent
   * @param catalogue of plugins
   * @param checks holds plugins against contracts; null where that bundle was left out
   * @param networks the network store
   * @param trainer trains what a plugin is tried with; null where there is none
   * @param evaluator evaluates it
   */
  @Activate
  public PluginCommand(
      @Reference Plugins plugins,
      @Reference Catalogue catalogue,
      @Reference Lab lab,
      @Reference(cardinality = ReferenceCardinality.OPTIONAL) Templates templates,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          PluginChecks checks,
      @Reference Networks networks,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Trainer trainer,
      @Reference Evaluator evaluator) {
    super(plugins, checks, catalogue);
    this.lab = lab;
    this.templates = templates;
    this.networks = networks;
    this.trainer = trainer;
    this.evaluator = evaluator;
  }

  /**
   * @param session writes to it
   * @param network whose spec is used
   * @param feedback as in {@link Specs#feedback}
   * @param steps of training
   * @param move networks that use the build, too
   * @param dir the project's directory
   */
  @Descriptor(
      "supports plugin development: whenever DIR/target contains a new jar, checks it, swaps it in,"
          + " trains a small network with it on the embedded data set with a fixed seed, and prints"
          + " what has changed since the previous build. A build that fails a check is not swapped"
          + " in. Networks that use an installed version of the plugin are not affected. Ctrl-C"
          + " ends it and removes the build")
  public void dev(
      CommandSession session,
      @Descriptor("NAME: network whose other parts are used; it is not changed")
          @Parameter(
              names = {"-n", "--network"},
              absentValue = "")
          Optional<String> network,
      @Descriptor("BLOCKS: gated blocks: 6..4, 4,5,6, 6 or none")
          @Parameter(
              names = {"-f", "--feedback"},
              absentValue = "")
          Optional<String> feedback,
      @Descriptor("N: number of training steps; 0 for none")
          @Parameter(
              names = {"-s", "--steps"},
              absentValue = "30")
          int steps,
      @Descriptor(
              "NETWORK: uses the build instead of the installed version until the command ends; can"
                  + " be repeated")
          @Parameter(
              names = {"-m", "--move"},
              absentValue = "")
          List<String> move,
      @Descriptor("directory of the project") Path dir) {
    if (steps < 0) {
      throw Usage.wrong("--steps must be 0 or more, not " + steps);
    }
    if (trainer == null && steps > 0) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "trainings require the feature training, which is not installed; use --steps 0");
    }
    PluginTrial.Settings settings = new PluginTrial.Settings(network, feedback, steps);
    try (PluginDev dev =
        new PluginDev(
            plugins,
            Optional.ofNullable(checks),
            new PluginTrial(networks, trainer, evaluator, settings),
            new DevNetworks(networks, move),
            dir,
            Terminal.of(session),
            Clock.systemDefaultZone())) {
      dev.watch();
    } catch (InterruptedException e) {
      // Ctrl-C is the normal end.
      Terminal.of(session).out().flush();
    }
  }

  /**
   * @param session writes to it
   * @param dir the project's directory
   * @param language of the class
   * @param group Maven's
   * @param packageName of the class
   * @param dependency libraries
   * @param kind of part
   * @param name of part and project
   */
  @Descriptor(
      "creates a plugin project: a working part, a test, and a build that uses Riglab from this"
          + " distribution and other dependencies from Maven Central")
  public void _new(
      CommandSession session,
      @Descriptor("DIR: directory of the project; default: a new directory of that name")
          @Parameter(
              names = {"-d", "--dir"},
              absentValue = "")
          Optional<Path> dir,
      @Descriptor("java|kotlin: programming language")
          @Parameter(
              names = {"-l", "--language"},
              absentValue = "java")
          String language,
      @Descriptor("NAME: Maven groupId; default: example")
          @Parameter(
              names = {"-g", "--group"},
              absentValue = "")
          Optional<String> group,
      @Descriptor("NAME: Java package; default: group and name")
          @Parameter(
              names = {"-p", "--package"},
              absentValue = "")
          Optional<String> packageName,
      @Descriptor("GROUP:ARTIFACT:VERSION,...: libraries of Maven Central to pack into the plugin")
          @Parameter(
              names = {"-D", "--dependency"},
              absentValue = "")
          Optional<String> dependency,
      @Descriptor("kind of part: backbone, dataset, gate, head, loss, metric, transform or unroll")
          String kind,
      @Descriptor("name of the part and the project, for example my-gate") String name) {
    if (templates == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "templates require the bundle org.riglab.templates, which is not installed");
    }
    Templates.Project project =
        templates.write(
            new Templates.Request(
                kind,
                name,
                language,
                group,
                packageName,
                dependency.map(d -> List.of(d.split(","))).orElse(List.of())),
            dir.orElseGet(() -> session.currentDir().resolve(name)));
    PrintStream out = Terminal.of(session).out();
    out.println("wrote " + project.directory() + ":");
    project.files().forEach(file -> out.println("  " + file));
    out.println("next:");
    out.println("  cd " + project.directory() + " && mvn package");
    out.println("  rig plugin check " + project.directory().resolve(project.jar()));
    out.println("  rig plugin install " + project.directory().resolve(project.jar()));
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "lists the installed plugins. --json prints an array of objects: name, version, sha256,"
          + " state, parts, users")
  public void list(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(plugins.list()));
      return;
    }
    lab.health().checks().stream()
        .filter(check -> check.name().equals(INBOX))
        .forEach(check -> terminal.out().println(INBOX + ": " + check.text()));
    if (plugins.list().isEmpty()) {
      terminal.out().println("no plugins; 'plugin install FILE' installs one");
      return;
    }
    terminal.print(PluginTables.installed(plugins.list()));
  }

  /**
   * @param session writes to it
   * @param replace whether names may be taken
   * @param yes whether to skip the question
   * @param source where the bundle is
   */
  @Descriptor(
      "installs a plugin and waits until its parts are available. A plugin of a catalogue is"
          + " resolved with the libraries that it needs; the plan is shown and must be confirmed. A"
          + " running server also installs jars from plugins/inbox in its home")
  public void install(
      CommandSession session,
      @Descriptor(
              "allows parts with the same names as existing ones; of two plugins with the same"
                  + " part, the newest version is used")
          @Parameter(
              names = {"-r", "--replace"},
              presentValue = "true",
              absentValue = "false")
          boolean replace,
      @Descriptor("does not ask before it installs a plugin of a catalogue")
          @Parameter(
              names = {"-y", "--yes"},
              presentValue = "true",
              absentValue = "false")
          boolean yes,
      @Descriptor(
              "bundle (jar), NAME or NAME@VERSION in a catalogue, sha256:DIGEST of a stored jar, or"
                  + " group:artifact:version in a Maven repository")
          String source) {
    String chosen = confirmed(session, "install", List.of(source), yes).get(0);
    Terminal.of(session)
        .out()
        .println("installed " + PluginTables.line(plugins.install(chosen, replace)));
  }

  /**
   * @param session writes to it
   * @param all whether to update everything
   * @param yes whether to skip the question
   * @param source where the bundle is
   */
  @Descriptor(
      "replaces a plugin by another version. Networks that use it switch to the new version"
          + " immediately, runs at their next step")
  public void update(
      CommandSession session,
      @Descriptor("updates every plugin of which the catalogues have a newer version that fits")
          @Parameter(
              names = {"-a", "--all"},
              presentValue = "true",
              absentValue = "false")
          boolean all,
      @Descriptor("does not ask before it installs plugins of a catalogue")
          @Parameter(
              names = {"-y", "--yes"},
              presentValue = "true",
              absentValue = "false")
          boolean yes,
      @Descriptor(
              "bundle (jar), NAME or NAME@VERSION in a catalogue, sha256:DIGEST of a stored jar, or"
                  + " group:artifact:version in a Maven repository; none with --all")
          Optional<String> source) {
    if (all == source.isPresent()) {
      throw Usage.wrong("update takes one plugin, or --all");
    }
    if (all) {
      updateAll(session, yes);
    } else {
      String chosen = confirmed(session, "update", List.of(source.get()), yes).get(0);
      PluginTables.updated(Terminal.of(session).out(), plugins.update(chosen));
    }
  }

  /**
   * @param session writes to it
   * @param name of its bundle
   */
  @Descriptor(
      "replaces a plugin by the previously installed version. A second rollback reverts the first"
          + " one")
  public void rollback(
      CommandSession session,
      @Descriptor("name of the plugin: the symbolic name of its bundle") String name) {
    PluginTables.updated(Terminal.of(session).out(), plugins.rollback(name));
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "lists the stored jars: installed, previous and removed versions. 'install sha256:DIGEST'"
          + " installs a stored jar again. --json prints an array of objects: name, version,"
          + " sha256, bytes, since, installed")
  public void kept(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(plugins.kept()));
    } else if (plugins.kept().isEmpty()) {
      terminal.out().println("no jars are stored");
    } else {
      terminal.print(PluginTables.kept(plugins.kept()));
    }
  }

  /**
   * @param session writes to it
   */
  @Descriptor(
      "deletes stored jars that no run has used, except installed ones and those required for a"
          + " rollback")
  public void prune(CommandSession session) {
    List<Plugins.Kept> gone = plugins.prune(lab.digests());
    Terminal terminal = Terminal.of(session);
    PluginTables.deleted(terminal.out(), gone);
  }

  /**
   * @param session writes to it
   * @param force although it is used
   * @param name of its bundle
   */
  @Descriptor("removes a plugin")
  public void remove(
      CommandSession session,
      @Descriptor(
              "removes it even if it is in use. Networks that use it do not work until it is"
                  + " installed again")
          @Parameter(
              names = {"-f", "--force"},
              presentValue = "true",
              absentValue = "false")
          boolean force,
      @Descriptor("name of the plugin: the symbolic name of its bundle") String name) {
    plugins.remove(name, force);
    Terminal.of(session).out().println("removed " + name);
  }
}
