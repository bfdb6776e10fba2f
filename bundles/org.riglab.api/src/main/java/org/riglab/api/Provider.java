package org.riglab.api;

import java.lang.annotation.Annotation;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The base interface of all replaceable parts: backbones, heads, gates, unroll strategies, data
 * sets, metrics, losses and transforms. A provider is an OSGi service under its kind's interface
 * (exactly one kind) with the service property {@link #NAME}. It is stateless and creates the
 * objects that a network needs.
 */
@ConsumerType
public interface Provider {
  /** The service property with the name of this provider in specs. */
  String NAME = "riglab.name";

  /** The service property with a one-line description; optional. */
  String ABOUT = "riglab.about";

  /**
   * The options of this provider: an annotation type with one method and a default value per
   * option. Supported types are {@code int}, {@code long}, {@code double}, {@code boolean}, {@code
   * String}, enums and arrays of these. Option {@code outputStride()} is written {@code
   * output_stride} in a spec; enum constant {@code PER_ITERATION} is written {@code per-iteration}.
   *
   * @return the annotation type; {@link None} if there are no options
   */
  default Class<? extends Annotation> options() {
    return None.class;
  }

  /** The options of a provider that has none. */
  @interface None {}
}
