package org.riglab.ssh.internal;

/** Configuration {@code org.riglab.ssh}. */
@interface Settings {
  /**
   * @return whether there is a server
   */
  boolean enabled() default true;

  /**
   * @return the address to listen at; 0.0.0.0 for all
   */
  String address() default "127.0.0.1";

  /**
   * @return the port; 0 for any that is free
   */
  int port() default 8122;

  /**
   * @return connections at once, also those that are still logging in
   */
  int max_sessions() default 32;

  /**
   * @return keys that a client may try in one connection
   */
  int max_tries() default 6;

  /**
   * @return how long a session may be at the prompt without a key pressed: {@code 30s}, {@code
   *     15m}, {@code 2h}; 0 for no limit, empty for {@link #idle_minutes}. Running commands are not
   *     limited
   */
  String idle() default "";

  /**
   * @return the same in minutes
   */
  int idle_minutes() default 60;
}
