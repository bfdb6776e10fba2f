package org.riglab.console.internal;

import java.lang.reflect.Method;
import java.util.Locale;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;

/** The help of a command whose arguments Gogo binds to a method's parameters. */
final class Signatures {
  private Signatures() {}

  /** For each method of that name a line of usage and the descriptions of its annotations. */
  static String of(Object target, String name) {
    StringBuilder text = new StringBuilder();
    for (Method method : target.getClass().getMethods()) {
      String methodName = method.getName().toLowerCase(Locale.ROOT);
      if (methodName.equals(name) || methodName.equals("_" + name)) {
        append(text, method, name);
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Method method, String name) {
    StringBuilder usage = new StringBuilder("usage: rig ").append(name);
    StringBuilder details = new StringBuilder();
    Descriptor about = method.getAnnotation(Descriptor.class);
    if (about != null) {
      details.append("  ").append(about.value()).append('\n');
    }
    for (java.lang.reflect.Parameter parameter : method.getParameters()) {
      if (CommandSession.class.isAssignableFrom(parameter.getType())) {
        continue;
      }
      Parameter option = parameter.getAnnotation(Parameter.class);
      String word;
      if (option == null) {
        word = parameter.getType().getSimpleName().toUpperCase(Locale.ROOT).replace("[]", "...");
        usage.append(' ').append(word);
      } else {
        boolean flag = !option.presentValue().equals(Parameter.UNSPECIFIED);
        word = String.join(", ", option.names()) + (flag ? "" : " VALUE");
        usage.append(" [").append(option.names()[0]).append(flag ? "]" : " VALUE]");
      }
      Descriptor descriptor = parameter.getAnnotation(Descriptor.class);
      details.append("  ").append(word);
      details.append(descriptor == null ? "" : "  " + descriptor.value()).append('\n');
    }
    text.append(usage).append('\n').append(details);
  }
}
