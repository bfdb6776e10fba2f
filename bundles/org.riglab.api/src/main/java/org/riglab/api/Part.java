package org.riglab.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Names a provider. The annotation is used together with {@code @Component} on the class that
 * implements the kind's interface:
 *
 * <pre>{@code
 * @Component
 * @Part(name = "attention", about = "channel times spatial attention")
 * public final class AttentionGate implements Gate { ... }
 * }</pre>
 *
 * <p>A component property type of OSGi Declarative Services: at build time its elements become the
 * service properties {@link Provider#NAME} and {@link Provider#ABOUT}, which can also be set in
 * {@code @Component(property = ...)}.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Part {
  /** Prefix of the service properties; read by the build tool. */
  String PREFIX_ = "riglab.";

  /**
   * @return the name of this provider in specs: lower case letters, digits and dashes
   */
  String name();

  /**
   * @return one line of description, for listings
   */
  String about();
}
