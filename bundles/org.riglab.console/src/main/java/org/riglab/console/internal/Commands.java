package org.riglab.console.internal;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.felix.gogo.runtime.CommandProxy;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.riglab.base.Names;
import org.riglab.console.Guide;

/** The commands of scope {@code rig} that there are at the moment. */
abstract class Commands {
  /** In front of their names. */
  static final String SCOPE = "rig:";

  private static final int NEAR = 2;

  private final BundleContext context;

  /**
   * @param context finds the guides
   */
  Commands(BundleContext context) {
    this.context = context;
  }

  /** Their names without scope, sorted. */
  abstract Set<String> names();

  /**
   * @param name with or without scope
   * @return the command, or null if there is none
   */
  abstract Function get(String name);

  /**
   * Finds a command.
   *
   * @param name with or without scope
   * @throws UsageException naming what is near, if there is none
   */
  final Function find(String name) throws UsageException {
    Function function = get(name);
    if (function == null) {
      throw unknown(name);
    }
    return function;
  }

  /**
   * @param name with or without scope
   * @param words that follow
   * @return whether the user may call the command with these words
   */
  boolean allowed(String name, List<String> words) {
    return true;
  }

  /**
   * @param name with or without scope
   * @param words that follow, the last one to be completed
   * @return the completion of a guide; empty if no guide supports the command
   */
  final Optional<Guide.Completion> guided(String name, List<String> words) {
    if (!(get(name) instanceof CommandProxy proxy)) {
      return Optional.empty();
    }
    Object target = proxy.getTarget();
    try {
      List<Guide.Completion> completions = new ArrayList<>();
      guides(guide -> guide.complete(target, words).ifPresent(completions::add));
      return completions.stream().findFirst();
    } finally {
      proxy.ungetTarget();
    }
  }

  /**
   * @return the sections of the help; commands that are in none are not listed
   */
  final List<Guide.Section> sections() {
    List<Guide.Section> sections = new ArrayList<>();
    guides(guide -> sections.addAll(guide.sections()));
    return sections;
  }

  private void guides(Consumer<Guide> each) {
    try {
      ServiceReference<?>[] references =
          context.getServiceReferences(Guide.class.getName(), (String) null);
      for (ServiceReference<?> reference :
          references == null ? new ServiceReference<?>[0] : references) {
        try {
          if (context.getService(reference) instanceof Guide guide) {
            each.accept(guide);
          }
        } finally {
          context.ungetService(reference);
        }
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  UsageException unknown(String name) {
    List<String> near =
        names().stream()
            .filter(n -> n.startsWith(name) || Names.distance(n, name) <= NEAR)
            .sorted(Comparator.comparingInt(n -> Names.distance(n, name)))
            .toList();
    return new UsageException(
        "there is no command '"
            + name
            + "'"
            + (near.isEmpty() ? "; 'help' lists all" : "; near: " + String.join(", ", near)));
  }

  /**
   * The first sentence of the description of a command's class, or else of its method; empty if
   * neither has one.
   */
  String about(String name) {
    return methods(name).stream()
        .flatMap(m -> Stream.of(m.getDeclaringClass(), m))
        .map(e -> e.getAnnotation(Descriptor.class))
        .filter(d -> d != null)
        .map(d -> d.value().split("(?<=\\.)\\s|\\. ", 2)[0])
        .findFirst()
        .orElse("");
  }

  /**
   * The words that may follow a command: the names of its actions, or of its options.
   *
   * @param action the command's first argument
   */
  List<Completion> completions(String name, String action) {
    List<Method> methods = methods(name);
    List<String> actions =
        methods.stream()
            .map(Commands::plain)
            .filter(method -> !method.equals(name.toLowerCase(Locale.ROOT)))
            .toList();
    List<Completion> completions = new ArrayList<>();
    for (Method method : methods) {
      String methodName = plain(method);
      boolean own = methodName.equals(name.toLowerCase(Locale.ROOT));
      if (!own) {
        completions.add(new Completion(methodName, description(method), false));
      }
      if (own && !actions.contains(action) || methodName.equals(action)) {
        for (java.lang.reflect.Parameter parameter : method.getParameters()) {
          Parameter option = parameter.getAnnotation(Parameter.class);
          if (option != null) {
            Descriptor descriptor = parameter.getAnnotation(Descriptor.class);
            for (String optionName : option.names()) {
              completions.add(
                  new Completion(optionName, descriptor == null ? "" : descriptor.value(), true));
            }
          }
        }
      }
    }
    completions.add(new Completion("--help", "shows help", true));
    return completions;
  }

  /**
   * A word that may follow.
   *
   * @param word as typed
   * @param about what it means; may be empty
   * @param option whether it is an option
   */
  record Completion(String word, String about, boolean option) {}

  private static String description(Method method) {
    Descriptor descriptor = method.getAnnotation(Descriptor.class);
    return descriptor == null ? "" : descriptor.value();
  }

  /** A method named by a Java keyword has an underscore in front. */
  private static String plain(Method method) {
    String name = method.getName().toLowerCase(Locale.ROOT);
    return name.startsWith("_") ? name.substring(1) : name;
  }

  /** The described methods of the object behind a command; those of its own name come first. */
  private List<Method> methods(String name) {
    if (!(get(name) instanceof CommandProxy proxy)) {
      return List.of();
    }
    Object target = proxy.getTarget();
    try {
      List<Method> described = new ArrayList<>();
      for (Method method : target.getClass().getMethods()) {
        if (Modifier.isPublic(method.getModifiers())
            && method.isAnnotationPresent(Descriptor.class)) {
          described.add(method);
        }
      }
      List<Method> own =
          described.stream().filter(m -> plain(m).equals(name.toLowerCase(Locale.ROOT))).toList();
      described.sort(Comparator.comparing(Method::getName));
      described.removeAll(own);
      described.addAll(0, own);
      return described;
    } finally {
      proxy.ungetTarget();
    }
  }
}
