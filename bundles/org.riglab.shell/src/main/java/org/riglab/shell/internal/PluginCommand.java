package org.riglab.shell.internal;

import java.io.PrintStream;
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
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.author.Templates;
import org.riglab.api.bench.Plugins;

/** Installs, updates and removes plugins. */
@Descriptor("installs, lists, updates and removes plugins in the running process")
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=plugin",
      Role.PROPERTY + "=list=viewer"
    })
public final class PluginCommand extends Command {
  private final Plugins plugins;
  private final Templates templates;

  /**
   * @param plugins strangers' bundles
   * @param templates writes projects; may be absent
   */
  @Activate
  public PluginCommand(
      @Reference Plugins plugins,
      @Reference(cardinality = ReferenceCardinality.OPTIONAL) Templates templates) {
    super("plugin");
    this.plugins = plugins;
    this.templates = templates;
  }

  /**
   * @param session writes to it
   * @param dir the project's directory
   * @param language of the class
   * @param group Maven's
   * @param packageName of the class
   * @param kind of part
   * @param name of part and project
   */
  @Descriptor(
      "writes a project to start a plugin from: a part that works, a test of it, and a build that"
          + " takes Riglab from this distribution and the rest from Maven Central")
  public void _new(
      CommandSession session,
      @Descriptor("DIR: where to; a folder of that name without it")
          @Parameter(
              names = {"-d", "--dir"},
              absentValue = "")
          Optional<Path> dir,
      @Descriptor("LANGUAGE: java or kotlin")
          @Parameter(
              names = {"-l", "--language"},
              absentValue = "java")
          String language,
      @Descriptor("NAME: Maven's groupId; 'example' without it")
          @Parameter(
              names = {"-g", "--group"},
              absentValue = "")
          Optional<String> group,
      @Descriptor("NAME: of the Java package; group and name without it")
          @Parameter(
              names = {"-p", "--package"},
              absentValue = "")
          Optional<String> packageName,
      @Descriptor("backbone, dataset, gate, metric or unroll") String kind,
      @Descriptor("of the part and the project, for example my-gate") String name) {
    if (templates == null) {
      throw new RigException(
          "there are no templates in this process: the bundle org.riglab.templates is missing");
    }
    Templates.Project project =
        templates.write(
            new Templates.Request(kind, name, language, group, packageName),
            dir.orElseGet(() -> session.currentDir().resolve(name)));
    PrintStream out = Terminal.of(session).out();
    out.println("wrote " + project.directory() + ":");
    project.files().forEach(file -> out.println("  " + file));
    out.println("next:");
    out.println("  cd " + project.directory() + " && mvn package");
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
      terminal.out().print(Json.text(Json.of(plugins.list())));
      return;
    }
    if (plugins.list().isEmpty()) {
      terminal.out().println("no plugins; 'plugin install FILE' installs one");
      return;
    }
    Table table = new Table("name", "version", "sha-256", "state", "parts", "users");
    for (Plugins.Plugin plugin : plugins.list()) {
      table.row(
          plugin.name(),
          plugin.version(),
          Text.digest(plugin.sha256()),
          plugin.state(),
          String.join(", ", plugin.parts()),
          plugin.users().isEmpty() ? "-" : String.join(", ", plugin.users()));
    }
    terminal.out().print(table);
  }

  /**
   * @param session writes to it
   * @param file the bundle
   */
  @Descriptor("installs a plugin and waits until its parts are there")
  public void install(CommandSession session, @Descriptor("a bundle (jar)") Path file) {
    Terminal.of(session).out().println("installed " + line(plugins.install(file)));
  }

  /**
   * @param session writes to it
   * @param file the bundle
   */
  @Descriptor(
      "replaces a plugin by another version of it: networks that use it move over, runs at their"
          + " next step")
  public void update(CommandSession session, @Descriptor("a bundle (jar)") Path file) {
    Plugins.Update update = plugins.update(file);
    Terminal terminal = Terminal.of(session);
    terminal
        .out()
        .println(
            Text.format(
                "updated %s from %s in %d ms",
                line(update.after()), update.before().version(), update.millis()));
    for (String user : update.moved()) {
      terminal.out().println("  moved " + user);
    }
  }

  /**
   * @param session writes to it
   * @param force although it is used
   * @param name of its bundle
   */
  @Descriptor("removes a plugin")
  public void remove(
      CommandSession session,
      @Descriptor("also if it is in use: networks that need it are out of order until it is back")
          @Parameter(
              names = {"-f", "--force"},
              presentValue = "true",
              absentValue = "false")
          boolean force,
      @Descriptor("symbolic name of its bundle") String name) {
    plugins.remove(name, force);
    Terminal.of(session).out().println("removed " + name);
  }

  private static String line(Plugins.Plugin plugin) {
    return plugin.name()
        + " "
        + plugin.version()
        + " ("
        + String.join(", ", plugin.parts())
        + ") sha-256 "
        + Text.digest(plugin.sha256());
  }
}
