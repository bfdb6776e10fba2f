package org.riglab.console.internal;

import java.util.Set;
import java.util.TreeSet;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.framework.BundleContext;

/** All commands of a Gogo session. */
final class SessionCommands extends Commands {
  private final CommandSession session;

  SessionCommands(BundleContext context, CommandSession session) {
    super(context);
    this.session = session;
  }

  @Override
  @SuppressWarnings("unchecked")
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (String name : (Set<String>) session.get(".commands")) {
      if (name.startsWith(SCOPE) && session.get(name) instanceof Function) {
        names.add(name.substring(SCOPE.length()));
      }
    }
    return names;
  }

  @Override
  Function get(String name) {
    String scoped = name.indexOf(':') < 0 ? SCOPE + name : name;
    return session.get(scoped) instanceof Function function ? function : null;
  }
}
