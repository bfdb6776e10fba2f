package org.riglab.web.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Counts failed authentications per address in windows of a minute. A valid token is accepted even
 * from an address above the limit: tokens have 256 random bits and cannot be guessed, and one
 * client behind a proxy must not lock out the others.
 */
final class FailureLimit {
  /** Failures that are answered as such, per address and window. */
  static final int FAILURES = 10;

  static final long WINDOW_MILLIS = 60_000;

  /** Addresses that are remembered; the longest unseen is forgotten. */
  private static final int ADDRESSES = 4096;

  private final LongSupplier clock;
  private final Map<String, long[]> windows =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, long[]> eldest) {
          return size() > ADDRESSES;
        }
      };

  /**
   * @param clock milliseconds that never go back
   */
  FailureLimit(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * Notes a failure.
   *
   * @param address of the client
   * @return seconds to wait if there were too many, else 0
   */
  synchronized long failed(String address) {
    long now = clock.getAsLong();
    long[] window = windows.computeIfAbsent(address, a -> new long[] {now, 0});
    if (now - window[0] >= WINDOW_MILLIS) {
      window[0] = now;
      window[1] = 0;
    }
    window[1]++;
    return window[1] <= FAILURES ? 0 : (WINDOW_MILLIS - (now - window[0]) + 999) / 1000;
  }
}
