package org.riglab.base;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Names the feature file without which a component has no use. Where that feature is left out, the
 * launcher does not expect the component to be satisfied.
 *
 * <p>A component property type of OSGi Declarative Services: it becomes the property {@code
 * riglab.feature}.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Feature {
  /** Prefix of the property; read by the build tool. */
  String PREFIX_ = "riglab.";

  /** The feature of the trainer: {@code features/training.json}. */
  String TRAINING = "training";

  /**
   * @return the name of the feature file without {@code .json}
   */
  String value();
}
