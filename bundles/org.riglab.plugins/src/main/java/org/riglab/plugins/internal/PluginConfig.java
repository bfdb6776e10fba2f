package org.riglab.plugins.internal;

/** Settings of plugins: configuration PID {@value #PID}. */
@interface PluginConfig {
  /** The PID. */
  String PID = "org.riglab.plugins";

  /**
   * @return which jars may be installed: {@code off} for all, {@code digests} for those with one of
   *     {@link #digests}, {@code certificates} for those signed with one of {@link #certificates}
   */
  String trust() default "off";

  /**
   * @return SHA-256 digests of jars, in hexadecimal
   */
  String[] digests() default {};

  /**
   * @return a folder of X.509 certificates ({@code *.pem}, {@code *.crt}), relative to the home
   */
  String certificates() default "plugins/trusted";

  /**
   * @return MiB that a jar may have
   */
  long max_size() default 256;

  /**
   * @return where Maven coordinates are looked up, in order: {@code file:} and {@code https:}
   *     addresses; {@code distribution} is this installation's own repository, {@code local} is
   *     {@code .m2/repository} in the user's home
   */
  String[] repositories() default {"distribution", "local"};

  /**
   * @return catalogues of plugins: folders, and {@code https:} addresses, each with an {@code
   *     index.xml}
   */
  String[] catalogues() default {};
}
