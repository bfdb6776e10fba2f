package org.riglab.shell.internal;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.api.bench.Plugins;
import org.riglab.base.Json;

/** The part of {@link PluginCommand} that is about checks and catalogues. */
public abstract class CatalogueCommands extends Command {
  final Plugins plugins;
  final PluginChecks checks;
  private final Catalogue catalogue;

  /**
   * @param plugins installs
   * @param checks holds plugins against contracts; null where that bundle was left out
   * @param catalogue of plugins
   */
  CatalogueCommands(Plugins plugins, PluginChecks checks, Catalogue catalogue) {
    super("plugin");
    this.plugins = plugins;
    this.checks = checks;
    this.catalogue = catalogue;
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   * @param word to search for
   */
  @Descriptor(
      "lists the plugins in the catalogues whose name, description or parts contain a word. --json"
          + " prints an array of objects: name, version, about, parts, options, license, sha256,"
          + " bytes, location, signed, needs, missing")
  public void search(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("word to look for; default: all plugins") Optional<String> word) {
    List<Offer> found = catalogue.search(word.orElse(""));
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(found));
    } else if (found.isEmpty()) {
      terminal.out().println("no plugin in the catalogues matches");
    } else {
      terminal.print(PluginTables.offers(found, plugins.list()));
    }
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   * @param name of the plugin
   */
  @Descriptor(
      "shows the versions of a plugin in the catalogues: parts with their options, licence,"
          + " packages that it needs, digest and signature. --json prints an array of objects as"
          + " search does")
  public void show(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("NAME or NAME@VERSION") String name) {
    List<Offer> versions = catalogue.versions(name);
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(versions));
      return;
    }
    for (Offer offer : versions) {
      PluginTables.print(terminal.out(), offer);
    }
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "lists the versions in the catalogues that are newer than the installed ones and fit. --json"
          + " prints an array of objects as search does")
  public void outdated(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    List<Offer> newer = catalogue.outdated();
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(newer));
    } else if (newer.isEmpty()) {
      terminal.out().println("every installed plugin is the newest that fits");
    } else {
      terminal.print(PluginTables.offers(newer, plugins.list()));
    }
  }

  /** Updates all outdated plugins, one after the other, until one fails. */
  void updateAll(CommandSession session, boolean yes) {
    PrintStream out = Terminal.of(session).out();
    List<String> newer =
        catalogue.outdated().stream().map(offer -> offer.name() + "@" + offer.version()).toList();
    if (newer.isEmpty()) {
      out.println("every installed plugin is the newest that fits");
      return;
    }
    for (String source : confirmed(session, "update", newer, yes)) {
      PluginTables.updated(out, plugins.update(source));
    }
  }

  /**
   * Shows the plan of an installation from a catalogue, and asks for confirmation.
   *
   * @param session writes to it, reads the answer
   * @param verb install or update
   * @param sources arguments of the command
   * @param yes whether to skip the question
   * @return the same sources; those of a catalogue with the version that was shown
   * @throws RigException if a plan is not confirmed, or there is no terminal
   */
  List<String> confirmed(CommandSession session, String verb, List<String> sources, boolean yes) {
    List<String> chosen = new ArrayList<>();
    Map<String, Offer> plan = new LinkedHashMap<>();
    for (String source : sources) {
      Optional<Catalogue.Plan> found = catalogue.plan(source);
      chosen.add(found.map(p -> key(p.plugin())).orElse(source));
      found.ifPresent(
          p -> {
            p.libraries().forEach(library -> plan.put(key(library), library));
            plan.put(key(p.plugin()), p.plugin());
          });
    }
    if (plan.isEmpty()) {
      return chosen;
    }
    Terminal terminal = Terminal.of(session);
    terminal.print(PluginTables.plan(List.copyOf(plan.values()), plugins.list()));
    if (!yes) {
      Question.ask(session, verb + " " + String.join(", ", plan.keySet()));
    }
    return chosen;
  }

  private static String key(Offer offer) {
    return offer.name() + "@" + offer.version();
  }

  /** Refuses a plugin that fails a check. */
  private void require(Terminal terminal, Path jar) {
    if (checks == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "checks need the bundle org.riglab.testkit, which is not installed");
    }
    CheckLines lines = new CheckLines(terminal);
    lines.end(checks.check(jar, Optional.empty(), Duration.ofMinutes(1), lines::add));
  }

  /**
   * @param session writes to it
   * @param to the catalogue
   * @param jar the plugin
   */
  @Descriptor(
      "checks a plugin as 'check' does and adds it to the catalogue in a folder, which any web"
          + " server can serve: a copy of the jar, and index.xml of the OSGi Repository"
          + " specification. Nothing is added if a check fails. A library of plugins, a bundle that"
          + " exports packages, is added without checks")
  public void publish(
      CommandSession session,
      @Descriptor("folder of the catalogue; is created if it is missing")
          @Parameter(
              names = {"-t", "--to"},
              absentValue = "")
          Optional<Path> to,
      @Descriptor("bundle (jar) of a plugin or a library") Path jar) {
    Path folder = to.orElseThrow(() -> Usage.wrong("publish needs --to FOLDER"));
    Terminal terminal = Terminal.of(session);
    if (!catalogue.isLibrary(jar)) {
      require(terminal, jar);
    }
    Offer offer = catalogue.publish(jar, folder);
    terminal
        .out()
        .println("published " + offer.name() + " " + offer.version() + " as " + offer.location());
  }

  /**
   * @param session writes to it
   * @param data for data sets
   * @param limit in seconds
   * @param json whether to print JSON
   * @param file the bundle
   */
  @Descriptor(
      "checks a plugin against the contracts of its parts, without installing it: shapes,"
          + " gradients, state, inputs, precision, tracing, memory, and unloading of its classes."
          + " Fails if a check fails. --json prints an object: name, version, sha256, checks (part,"
          + " name, verdict, sentence, millis)")
  public void check(
      CommandSession session,
      @Descriptor("DIR: directory with the files of the plugin's data sets")
          @Parameter(
              names = {"-d", "--data"},
              absentValue = "")
          Optional<Path> data,
      @Descriptor("SECONDS: time limit for each call of a part")
          @Parameter(
              names = {"-l", "--limit"},
              absentValue = "60")
          int limit,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("bundle (jar)") Path file) {
    if (checks == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "checks need the bundle org.riglab.testkit, which is not installed");
    }
    if (limit < 1) {
      throw Usage.wrong("--limit must be 1 or more seconds, not " + limit);
    }
    Terminal terminal = Terminal.of(session);
    CheckLines lines = new CheckLines(json ? terminal.silent() : terminal);
    PluginChecks.Report report = checks.check(file, data, Duration.ofSeconds(limit), lines::add);
    if (json) {
      terminal.out().print(Json.text(report));
    }
    lines.end(report);
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   * @param name of its bundle
   */
  @Descriptor(
      "explains why a plugin is not active: checks its file, trust, imports, components and parts,"
          + " and lists its versions. --json prints an object: name, healthy, checks (name, ok,"
          + " text), versions (name, version, sha256, bytes, since, installed)")
  public void doctor(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("name of the plugin: the symbolic name of its bundle") String name) {
    Plugins.Diagnosis found = plugins.doctor(name);
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(found));
      return;
    }
    PluginTables.print(terminal, found);
  }
}
