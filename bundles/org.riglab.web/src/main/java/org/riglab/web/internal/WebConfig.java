package org.riglab.web.internal;

/** Configuration of the page and API; where it listens is Felix HTTP's to say. */
public @interface WebConfig {
  /**
   * Names beside localhost and addresses by which the server may be asked.
   *
   * @return host names without port
   */
  String[] hosts() default {};

  /**
   * Directories outside the home that a submitted run may name, for example with {@code data}.
   *
   * @return absolute paths
   */
  String[] data() default {};

  /**
   * Reverse proxies whose {@code Forwarded} or {@code X-Forwarded-*} headers are trusted.
   *
   * @return IP addresses, or networks such as {@code 10.0.0.0/8}
   */
  String[] proxies() default {};
}
