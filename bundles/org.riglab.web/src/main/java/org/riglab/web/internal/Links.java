package org.riglab.web.internal;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.base.Sha256;

/**
 * Secrets of links for one login, from the machine of the server. The launcher requests one for
 * {@code rig server --open}. Only digests are stored, in memory: a restart invalidates them.
 */
@Component(
    service = {Links.class, Supplier.class},
    property = "riglab.link=once")
public final class Links implements Supplier<String> {
  /** Time after which an unused link expires. */
  static final Duration LIFE = Duration.ofMinutes(10);

  private static final int SECRET_BYTES = 32;
  private static final int MOST = 16;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final LongSupplier clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Long> ends = new LinkedHashMap<>();

  /** For declarative services. */
  @Activate
  public Links() {
    this(() -> System.nanoTime() / NANOS_PER_MILLI);
  }

  /**
   * @param clock milliseconds that never go back
   */
  Links(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * @return the secret of a new link
   */
  @Override
  public synchronized String get() {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    ends.values().removeIf(end -> end <= clock.getAsLong());
    if (ends.size() >= MOST) {
      ends.remove(ends.keySet().iterator().next());
    }
    ends.put(Sha256.of(secret), clock.getAsLong() + LIFE.toMillis());
    return secret;
  }

  /**
   * Checks a secret and invalidates it.
   *
   * @param secret as a client sends it; may be any text
   * @return whether it was one
   */
  synchronized boolean take(String secret) {
    Long end = ends.remove(Sha256.of(secret));
    return end != null && clock.getAsLong() < end;
  }
}
