package org.riglab.api.access;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Who may come in over HTTP: each token gives whoever holds it a role until it expires. Kept in the
 * home as digests; another process that changes them is noticed. Thread safe.
 */
@ProviderType
public interface Tokens {
  /** The longest that a token lasts. */
  int MOST_DAYS = 3650;

  /**
   * @param name for people: letters, digits, dot, dash, underscore; at most 64
   * @param role what its holder may do
   * @param days until it expires, 1 to {@link #MOST_DAYS}
   * @return the token and its secret, which nobody can read again
   * @throws org.riglab.api.RigException if name or days are no such thing, or the file cannot be
   *     written
   */
  Created create(String name, Role role, int days);

  /**
   * @return all that were not revoked, expired ones too, oldest first
   */
  List<Token> list();

  /**
   * @param id of a token
   * @throws org.riglab.api.RigException if there is none, or the file cannot be written
   */
  void revoke(String id);

  /**
   * @param secret what somebody shows; may be anything
   * @return the token, if it is one and has not expired
   */
  Optional<Token> find(String secret);

  /**
   * @param id of a token
   * @return the token, if it was not revoked and has not expired
   */
  Optional<Token> valid(String id);

  /**
   * A token, without its secret.
   *
   * @param id eight hexadecimal digits
   * @param name for people
   * @param role what its holder may do
   * @param created when
   * @param expires when it stops to be of use
   */
  record Token(String id, String name, Role role, Instant created, Instant expires) {
    /**
     * @return its holder
     */
    public Principal principal() {
      return new Principal(name, role);
    }
  }

  /**
   * A new token.
   *
   * @param token without its secret
   * @param secret what its holder shows
   */
  record Created(Token token, String secret) {}
}
