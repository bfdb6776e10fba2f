package org.riglab.shell.internal;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Networks;
import org.riglab.base.Json;

/** Shows log entries of plugins, and changes log levels. */
@Descriptor("shows the log, and changes its level while processes run")
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=log",
      Role.PROPERTY + "=levels=viewer",
      Role.PROPERTY + "=tail=operator"
    })
public final class LogCommand extends Command {
  private static final String LOCATION = "riglab:plugin:";
  private static final String DEFAULT = "default";
  private static final List<String> LEVELS =
      List.of("trace", "debug", "info", "warn", "error", "off", DEFAULT);

  /** Packages of the classes of a plugin; empty if it is none. */
  private final java.util.function.Function<String, Collection<String>> packages;

  private final Networks networks;

  /**
   * @param context knows plugins
   * @param networks knows the home
   */
  @Activate
  public LogCommand(BundleContext context, @Reference Networks networks) {
    this(plugin -> packages(context, plugin), networks);
  }

  LogCommand(java.util.function.Function<String, Collection<String>> packages, Networks networks) {
    super("log");
    this.packages = packages;
    this.networks = networks;
  }

  private static Collection<String> packages(BundleContext context, String plugin) {
    TreeSet<String> found = new TreeSet<>();
    for (Bundle bundle : context.getBundles()) {
      BundleWiring wiring = bundle.adapt(BundleWiring.class);
      if (bundle.getLocation().startsWith(LOCATION)
          && plugin.equals(bundle.getSymbolicName())
          && wiring != null) {
        int options = BundleWiring.LISTRESOURCES_LOCAL | BundleWiring.LISTRESOURCES_RECURSE;
        for (String file : wiring.listResources("/", "*.class", options)) {
          found.add(file.substring(0, Math.max(0, file.lastIndexOf('/'))).replace('/', '.'));
        }
      }
    }
    return found;
  }

  /** The loggers of a plugin are its packages, without those below others; else it is a logger. */
  private Collection<String> loggers(String name) {
    TreeSet<String> loggers = new TreeSet<>(packages.apply(name));
    loggers.remove("");
    loggers.removeIf(logger -> loggers.stream().anyMatch(other -> logger.startsWith(other + ".")));
    return loggers.isEmpty() ? List.of(name) : loggers;
  }

  /**
   * @param session writes to it
   * @param name of a plugin or logger
   * @param level of its log
   */
  @Descriptor(
      "sets the level of a plugin or a logger in all processes of the home, which follow within"
          + " seconds. It stays until it is set to 'default'")
  public void level(
      CommandSession session,
      @Descriptor("name of a plugin (the symbolic name of its bundle), or of a logger or package")
          String name,
      @Descriptor("trace, debug, info, warn, error, off or default") String level) {
    String wanted = level.toLowerCase(Locale.ROOT);
    if (!LEVELS.contains(wanted)) {
      throw Usage.wrong("level must be one of " + String.join(", ", LEVELS) + ", not " + level);
    }
    PrintStream out = Terminal.of(session).out();
    LogLevels file = new LogLevels(networks.home());
    Map<String, String> levels = file.all();
    for (String logger : loggers(name)) {
      if (wanted.equals(DEFAULT)) {
        levels.remove(logger);
      } else {
        levels.put(logger, wanted.toUpperCase(Locale.ROOT));
      }
      out.println(logger + ": " + wanted);
    }
    file.write(levels);
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "lists the levels that differ from the default. --json prints an object: a level for each"
          + " logger")
  public void levels(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Map<String, String> levels = new LogLevels(networks.home()).all();
    levels.replaceAll((logger, level) -> level.toLowerCase(Locale.ROOT));
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(levels));
    } else if (levels.isEmpty()) {
      terminal.out().println("every logger has its default level");
    } else {
      Table table = new Table("logger", "level");
      levels.forEach((logger, level) -> table.row(logger, level));
      terminal.print(table);
    }
  }

  /**
   * @param session writes to it
   * @param lines how many
   * @param name of a plugin or logger
   */
  @Descriptor(
      "prints the last entries of the log files of all processes of the home, in the order of their"
          + " times")
  public void tail(
      CommandSession session,
      @Descriptor("N: number of entries")
          @Parameter(
              names = {"-n", "--lines"},
              absentValue = "20")
          int lines,
      @Descriptor(
              "name of a plugin (the symbolic name of its bundle), or of a logger or package;"
                  + " default: all")
          Optional<String> name) {
    if (lines < 1) {
      throw Usage.wrong("--lines must be 1 or more, not " + lines);
    }
    Collection<String> loggers = name.map(this::loggers).orElse(List.of());
    PrintStream out = Terminal.of(session).out();
    LogEntries.last(
            networks.home(),
            logger ->
                loggers.isEmpty()
                    || loggers.stream()
                        .anyMatch(l -> logger.equals(l) || logger.startsWith(l + ".")),
            lines)
        .forEach(entry -> out.print(entry.text()));
  }
}
