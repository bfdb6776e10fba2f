package org.riglab.parts.internal;

import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.framework.ServiceObjects;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartInfo;
import org.riglab.parts.AnnotationOptions;

/**
 * Describes parts: where they come from and what options they have.
 *
 * @param services of the parts
 * @param digests of their bundles
 */
record PartDescriptions(PartServices services, Digests digests) {
  /** Runs the provider only if its options are not known yet. */
  PartInfo describe(Entry entry) {
    List<OptionInfo> known = entry.options;
    if (known != null) {
      return part(entry, entry.about(), known);
    }
    try {
      return describe(entry, services.objects(entry));
    } catch (RigException e) {
      return part(entry, "out of order: " + e.getMessage(), List.of());
    }
  }

  /** Runs the provider. */
  <P extends Provider> PartInfo describe(Entry entry, ServiceObjects<P> objects) {
    P provider = services.take(entry, objects);
    try {
      return part(entry, entry.about(), options(entry, provider));
    } finally {
      PartServices.give(objects, provider);
    }
  }

  /** Runs the provider only if its options are not known yet. */
  List<OptionInfo> options(Entry entry, Provider provider) {
    List<OptionInfo> known = entry.options;
    if (known != null) {
      return known;
    }
    String what = entry.kind + " " + entry.name;
    List<OptionInfo> options = AnnotationOptions.describe(what, declared(what, provider));
    entry.options = options;
    return options;
  }

  /** The options that a provider declares. */
  static Class<? extends Annotation> declared(String part, Provider provider) {
    try {
      Class<? extends Annotation> type = provider.options();
      if (type != null) {
        return type;
      }
    } catch (RuntimeException | LinkageError e) {
      throw new RigException(Kind.PART_FAILED, part + " does not tell its options: " + e, e);
    }
    throw new RigException(Kind.PART_FAILED, part + " does not tell its options: it answers null");
  }

  /** What a listing shows. */
  PartInfo part(Entry entry, String about, List<OptionInfo> options) {
    return new PartInfo(
        entry.kind,
        entry.name,
        about,
        options,
        entry.bundle,
        entry.version,
        digests.of(entry.owner),
        entry.bundleId);
  }
}
