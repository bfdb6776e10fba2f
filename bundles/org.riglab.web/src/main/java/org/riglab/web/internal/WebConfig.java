package org.riglab.web.internal;

/** Configuration of the page and API; Felix HTTP configures address and port. */
public @interface WebConfig {
  /**
   * Accepted host names, beside localhost and addresses.
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
