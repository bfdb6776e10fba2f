package org.riglab.api;

import java.lang.annotation.Annotation;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The option values that a spec gives to one provider. Names and types have been checked against
 * {@link Provider#options()} before the provider is called.
 */
@ProviderType
public interface Options {
  /**
   * @param <T> the annotation type
   * @param type the type that the provider names in {@link Provider#options()}
   * @return the values, with the annotation's defaults for options that the spec does not set
   * @throws RigException if a value has the wrong type; the message names the option and the
   *     allowed values
   */
  <T extends Annotation> T as(Class<T> type);
}
