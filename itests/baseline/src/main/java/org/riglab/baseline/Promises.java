package org.riglab.baseline;

import aQute.bnd.classfile.AnnotationInfo;
import aQute.bnd.classfile.AnnotationsAttribute;
import aQute.bnd.classfile.ClassFile;
import aQute.bnd.classfile.ElementInfo;
import aQute.bnd.classfile.ElementValueInfo;
import aQute.bnd.classfile.InnerClassesAttribute;
import aQute.bnd.classfile.MethodInfo;
import aQute.bnd.classfile.PermittedSubclassesAttribute;
import aQute.bnd.differ.Baseline;
import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Instructions;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Diff;
import aQute.bnd.service.diff.Type;
import aQute.bnd.version.Version;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a bundle promises to those who compile against it, and whether it keeps that. Each broken
 * promise is one line that says where, what, and what would be right.
 */
final class Promises {
  private static final String CONSUMER = "Lorg/osgi/annotation/versioning/ConsumerType;";
  private static final String PROVIDER = "Lorg/osgi/annotation/versioning/ProviderType;";
  private static final String DEPRECATED = "Ljava/lang/Deprecated;";
  private static final int EXEMPT = Modifier.FINAL | 0x2000 /* annotation */ | 0x4000 /* enum */;

  private Promises() {}

  /**
   * Changes of an exported package that its version does not show.
   *
   * @param bundle what has been built
   * @param released the last release of it
   * @return a line for each member, type or package that asks for a higher version
   */
  static List<String> versions(Jar bundle, Jar released) throws Exception {
    List<String> broken = new ArrayList<>();
    Map<String, ClassFile> types = Signatures.types(bundle);
    Set<String> now = declared(bundle);
    Set<String> before = declared(released);
    try (Processor reporter = new Processor()) {
      for (Baseline.Info info :
          new Baseline(reporter, new DiffPluginImpl())
              .baseline(bundle, released, new Instructions())) {
        if (info.packageDiff.getDelta() == Delta.REMOVED) {
          broken.add(
              "package %s: no longer exported; a package that was released stays"
                  .formatted(info.packageName));
        } else if (info.mismatch) {
          List<Change> changes = new ArrayList<>();
          for (Diff type : info.packageDiff.getChildren()) {
            collect(type, type, changes);
          }
          Delta worst = info.packageDiff.getDelta();
          List<Change> reasons = changes.stream().filter(change -> change.delta == worst).toList();
          List<Change> declared =
              reasons.stream()
                  .filter(change -> now.contains(change.where()) || before.contains(change.where()))
                  .toList();
          (declared.isEmpty() ? reasons : declared)
              .stream().map(change -> change.line(info, types)).sorted().forEach(broken::add);
        }
      }
    }
    return broken;
  }

  /**
   * Members and types that left without notice, and deprecations that do not say since when.
   *
   * @param bundle what has been built
   * @param released the last release of it
   * @return a line for each
   */
  static List<String> deprecations(Jar bundle, Jar released) throws Exception {
    List<String> broken = new ArrayList<>();
    Map<String, AnnotationInfo> now = deprecated(bundle);
    now.forEach(
        (member, deprecation) -> {
          if (value(deprecation, "since").isEmpty()) {
            broken.add(
                "%s: @Deprecated without since; name the version of its package, for example since = \"1.1\""
                    .formatted(member));
          }
        });
    Map<String, AnnotationInfo> before = deprecated(released);
    Set<String> declared = declared(released);
    DiffPluginImpl differ = new DiffPluginImpl();
    Diff api = differ.tree(bundle).diff(differ.tree(released)).get("<api>");
    for (Diff exported : api.getChildren()) {
      for (Diff type : exported.getChildren()) {
        List<String> removed = new ArrayList<>();
        if (type.getDelta() == Delta.REMOVED) {
          removed.add(type.getName());
        } else {
          type.getChildren().stream()
              .filter(member -> member.getDelta() == Delta.REMOVED)
              .map(member -> type.getName() + "#" + member.getName())
              .forEach(removed::add);
        }
        removed.stream()
            .filter(declared::contains)
            .filter(name -> !announced(before.get(name)))
            .map(
                name ->
                    "%s: removed, but the last release did not announce it; keep it for one release as @Deprecated(since, forRemoval = true)"
                        .formatted(name))
            .forEach(broken::add);
      }
    }
    return broken;
  }

  private static boolean announced(AnnotationInfo deprecation) {
    return deprecation != null && value(deprecation, "forRemoval").equals(Optional.of(true));
  }

  /**
   * Types that others can extend and that do not say who does: whoever uses the API (consumer) or
   * whoever provides it. The answer decides what an added method means.
   *
   * @param bundle what has been built
   * @return a line for each
   */
  static List<String> roles(Jar bundle) throws Exception {
    Map<String, ClassFile> types = Signatures.types(bundle);
    return types.values().stream()
        .filter(type -> visible(type, types))
        .filter(type -> (flags(type) & EXEMPT) == 0)
        .filter(type -> type.getAttribute(PermittedSubclassesAttribute.class).isEmpty())
        .filter(Promises::extendable)
        .filter(type -> role(type).isEmpty())
        .map(
            type ->
                "%s: neither @ConsumerType nor @ProviderType (nor final); say who implements it"
                    .formatted(name(type)))
        .toList();
  }

  private record Change(Diff type, Diff member, String what, Delta delta) {
    String where() {
      return type.getName() + (member == type ? "" : "#" + member.getName());
    }

    String line(Baseline.Info info, Map<String, ClassFile> types) {
      String role =
          Optional.ofNullable(types.get(type.getName().replace('.', '/') + ".class"))
              .flatMap(Promises::role)
              .map(r -> " for a @" + r)
              .orElse("");
      return "%s: %s, which is %s%s; package %s must have version %s, not %s"
          .formatted(
              where(),
              what,
              delta.name().toLowerCase(Locale.ROOT),
              role,
              info.packageName,
              suggested(info),
              shown(info.newerVersion));
    }
  }

  private static String suggested(Baseline.Info info) {
    return shown(info.suggestedVersion);
  }

  private static String shown(Version version) {
    return version.toStringWithoutQualifier();
  }

  private static void collect(Diff type, Diff node, List<Change> changes) {
    boolean member = node == type || node.getType() == Type.METHOD || node.getType() == Type.FIELD;
    for (Diff child : node.getChildren()) {
      boolean deeper =
          node == type && (child.getType() == Type.METHOD || child.getType() == Type.FIELD);
      switch (child.getDelta()) {
        case UNCHANGED, IGNORED -> {}
        case ADDED ->
            changes.add(change(type, node, child, deeper, "added", child.getNewer().ifAdded()));
        case REMOVED ->
            changes.add(change(type, node, child, deeper, "removed", child.getOlder().ifRemoved()));
        default -> collect(type, child, changes);
      }
    }
    if (node == type && member) {
      switch (node.getDelta()) {
        case ADDED -> changes.add(new Change(type, type, "added", node.getNewer().ifAdded()));
        case REMOVED -> changes.add(new Change(type, type, "removed", node.getOlder().ifRemoved()));
        default -> {}
      }
    }
  }

  private static Change change(
      Diff type, Diff node, Diff child, boolean deeper, String what, Delta delta) {
    return deeper
        ? new Change(type, child, what, delta)
        : new Change(
            type,
            node,
            "%s %s %s"
                .formatted(child.getType().name().toLowerCase(Locale.ROOT), child.getName(), what),
            delta);
  }

  /**
   * Public and protected types and members, {@code type} and {@code type#method(types)} and {@code
   * type#field} as bnd writes them.
   */
  private static Set<String> declared(Jar bundle) throws Exception {
    Set<String> declared = new HashSet<>();
    Map<String, ClassFile> types = Signatures.types(bundle);
    for (ClassFile type : types.values()) {
      if (visible(type, types)) {
        declared.add(name(type));
        members(type).forEach(m -> declared.add(m.getKey()));
      }
    }
    return declared;
  }

  private static Map<String, AnnotationInfo> deprecated(Jar bundle) throws Exception {
    Map<String, AnnotationInfo> deprecated = new HashMap<>();
    for (ClassFile type : Signatures.types(bundle).values()) {
      Stream.concat(Stream.of(Map.entry(name(type), (ElementInfo) type)), members(type))
          .forEach(
              m ->
                  annotations(m.getValue())
                      .filter(a -> a.type.equals(DEPRECATED))
                      .forEach(a -> deprecated.put(m.getKey(), a)));
    }
    return deprecated;
  }

  private static Stream<Map.Entry<String, ElementInfo>> members(ClassFile type) {
    return Stream.concat(Arrays.stream(type.fields), Arrays.stream(type.methods))
        .filter(m -> (m.access & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0)
        .sorted(Comparator.comparing(m -> m.name))
        .map(
            m ->
                Map.entry(
                    name(type)
                        + "#"
                        + m.name
                        + (m instanceof MethodInfo ? parameters(m.descriptor) : ""),
                    m));
  }

  private static String parameters(String descriptor) {
    return MethodTypeDesc.ofDescriptor(descriptor).parameterList().stream()
        .map(p -> (p.packageName().isEmpty() ? "" : p.packageName() + ".") + p.displayName())
        .collect(Collectors.joining(",", "(", ")"));
  }

  private static Optional<Object> value(AnnotationInfo annotation, String name) {
    for (ElementValueInfo value : annotation.values) {
      if (value.name.equals(name)) {
        return Optional.of(value.value);
      }
    }
    return Optional.empty();
  }

  private static Stream<AnnotationInfo> annotations(ElementInfo element) {
    return Arrays.stream(element.attributes)
        .filter(AnnotationsAttribute.class::isInstance)
        .flatMap(a -> Arrays.stream(((AnnotationsAttribute) a).annotations));
  }

  private static Optional<String> role(ClassFile type) {
    return annotations(type)
        .map(
            a ->
                a.type.equals(CONSUMER)
                    ? "ConsumerType"
                    : a.type.equals(PROVIDER) ? "ProviderType" : "")
        .filter(r -> !r.isEmpty())
        .findFirst();
  }

  /** Whether a class outside its package can extend it. */
  private static boolean extendable(ClassFile type) {
    return Modifier.isInterface(type.access)
        || Arrays.stream(type.methods)
            .anyMatch(
                m ->
                    m.name.equals("<init>")
                        && (m.access & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0);
  }

  private static boolean visible(ClassFile type, Map<String, ClassFile> types) {
    boolean visible = (flags(type) & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0;
    Optional<String> outer = nested(type).map(n -> n.outer_class);
    return visible
        && !type.this_class.endsWith("package-info")
        && (outer.isEmpty() || visible(types.get(outer.get() + ".class"), types));
  }

  /** As declared: a nested class's own flags say neither protected nor private. */
  private static int flags(ClassFile type) {
    return nested(type).map(n -> n.inner_access).orElse(type.access);
  }

  private static Optional<InnerClassesAttribute.InnerClass> nested(ClassFile type) {
    return type.getAttribute(InnerClassesAttribute.class).stream()
        .flatMap(a -> Arrays.stream(a.classes))
        .filter(n -> n.inner_class.equals(type.this_class))
        .findFirst();
  }

  private static String name(ClassFile type) {
    return type.this_class.replace('/', '.');
  }
}
