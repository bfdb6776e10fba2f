package org.riglab.shell.internal;

import java.io.PrintStream;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.api.bench.Plugins;

/** What the commands of {@code plugin} print. */
final class PluginTables {
  private PluginTables() {}

  static String line(Plugins.Plugin plugin) {
    return plugin.name()
        + " "
        + plugin.version()
        + " ("
        + String.join(", ", plugin.parts())
        + ") sha-256 "
        + Text.digest(plugin.sha256());
  }

  static Table installed(List<Plugins.Plugin> plugins) {
    Table table =
        new Table("name", "version", "sha-256", "state", "parts", "users")
            .states("state")
            .optional("sha-256");
    for (Plugins.Plugin plugin : plugins) {
      table.row(
          plugin.name(),
          plugin.version(),
          Text.digest(plugin.sha256()),
          plugin.state(),
          String.join(", ", plugin.parts()),
          plugin.users().isEmpty() ? "-" : String.join(", ", plugin.users()));
    }
    return table;
  }

  static Table kept(List<Plugins.Kept> versions) {
    Table table =
        new Table("name", "version", "sha-256", "bytes", "installed", "").optional("bytes");
    for (Plugins.Kept kept : versions) {
      table.row(
          kept.name().isEmpty() ? "?" : kept.name(),
          kept.version(),
          Text.digest(kept.sha256()),
          kept.bytes() == 0 ? "gone" : Long.toString(kept.bytes()),
          kept.name().isEmpty()
              ? ""
              : Text.format("%tF %<tT", kept.since().atZone(ZoneId.systemDefault())),
          kept.installed() ? "now" : "");
    }
    return table;
  }

  static void updated(PrintStream out, Plugins.Update update) {
    out.println(
        Text.format(
            "updated %s from %s in %d ms",
            line(update.after()), update.before().version(), update.millis()));
    for (String user : update.moved()) {
      out.println("  moved " + user);
    }
  }

  static void print(Terminal terminal, Plugins.Diagnosis found) {
    PrintStream out = terminal.out();
    Table table = new Table("", "check", "found");
    for (Plugins.Check check : found.checks()) {
      table.row(check.ok() ? "ok" : "WRONG", check.name(), check.text());
    }
    terminal.print(table.states(""));
    out.println();
    terminal.print(kept(found.versions()));
    out.println();
    out.println(
        found.name()
            + (found.healthy() ? " is healthy" : " is not healthy: see the first line with WRONG"));
  }

  static void deleted(PrintStream out, List<Plugins.Kept> gone) {
    out.println(
        Text.format(
            "deleted %d jars, %d bytes",
            gone.size(), gone.stream().mapToLong(Plugins.Kept::bytes).sum()));
    for (Plugins.Kept kept : gone) {
      out.println(Text.format("  %s %s sha256:%s", kept.name(), kept.version(), kept.sha256()));
    }
  }

  static Table offers(List<Offer> offers, List<Plugins.Plugin> installed) {
    Table table = new Table("name", "version", "installed", "parts", "about").optional("about");
    for (Offer offer : offers) {
      table.row(
          offer.name(),
          offer.version() + (offer.missing().isEmpty() ? "" : " (does not fit)"),
          installed.stream()
              .filter(plugin -> plugin.name().equals(offer.name()))
              .map(Plugins.Plugin::version)
              .findFirst()
              .orElse("-"),
          String.join(", ", names(offer)),
          about(offer));
    }
    return table;
  }

  /** Kind and name of each part. */
  private static List<String> names(Offer offer) {
    return offer.parts().stream().map(part -> part.split(":", 2)[0]).toList();
  }

  /** The description of a plugin, or else those of its parts. */
  private static String about(Offer offer) {
    return offer.about().isEmpty()
        ? offer.parts().stream()
            .filter(part -> part.contains(": "))
            .map(part -> part.split(": ", 2)[1])
            .collect(Collectors.joining("; "))
        : offer.about();
  }

  /** What is installed, in that order. */
  static Table plan(List<Offer> plan, List<Plugins.Plugin> installed) {
    Table table =
        new Table("name", "version", "installed", "provides", "licence", "signed", "bytes");
    for (Offer offer : plan) {
      table.row(
          offer.name(),
          offer.version(),
          installed.stream()
              .filter(plugin -> plugin.name().equals(offer.name()))
              .map(Plugins.Plugin::version)
              .findFirst()
              .orElse("-"),
          offer.parts().isEmpty() ? "library" : String.join(", ", names(offer)),
          offer.license().isEmpty() ? "not stated" : offer.license(),
          offer.signed() ? "yes" : "no",
          Long.toString(offer.bytes()));
    }
    return table;
  }

  /** A line each. */
  private static void print(PrintStream out, String name, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      out.println(Text.format("  %-9s  %s", i == 0 ? name : "", lines.get(i)));
    }
  }

  static void print(PrintStream out, Offer offer) {
    out.println(offer.name() + " " + offer.version());
    if (!offer.about().isEmpty()) {
      out.println("  " + offer.about());
    }
    print(out, "parts", offer.parts());
    print(out, "options", offer.options());
    out.println("  licence    " + (offer.license().isEmpty() ? "not stated" : offer.license()));
    out.println("  needs      " + String.join(", ", offer.needs()));
    out.println(
        "  fits       "
            + (offer.missing().isEmpty() ? "yes" : "no: " + String.join("; ", offer.missing())));
    out.println("  jar        " + offer.location() + ", " + offer.bytes() + " bytes");
    out.println("  sha-256    " + offer.sha256());
    out.println("  signature  " + (offer.signed() ? "signed" : "none"));
  }
}
