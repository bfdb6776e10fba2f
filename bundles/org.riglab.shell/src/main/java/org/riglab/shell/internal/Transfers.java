package org.riglab.shell.internal;

import java.util.List;
import org.riglab.api.bench.Bench;

/** What became of weights, for people. */
final class Transfers {
  private static final int SHOWN = 12;

  private Transfers() {}

  /**
   * @param terminal where to
   * @param transfer what became of the weights
   * @param matched what the matched ones did, for example stayed
   */
  static void print(Terminal terminal, Bench.Transfer transfer, String matched) {
    terminal.out().println(Text.count(transfer.matched().size(), "tensor") + " " + matched);
    names(terminal, transfer.initialised(), "initialised");
    names(terminal, transfer.leftOver(), "left over");
  }

  private static void names(Terminal terminal, List<String> names, String what) {
    if (names.isEmpty()) {
      terminal.out().println("none " + what);
      return;
    }
    terminal.out().println(names.size() + " " + what + ":");
    names.stream().limit(SHOWN).forEach(n -> terminal.out().println("  " + n));
    if (names.size() > SHOWN) {
      terminal.out().println("  and " + (names.size() - SHOWN) + " more (--json lists all)");
    }
  }
}
