package org.riglab.api.access;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Access tokens for HTTP. A token has a role and an expiry date. Tokens are stored in the home as
 * digests; changes by other processes are detected. Thread safe.
 */
@ProviderType
public interface Tokens {
  /** The maximum validity of a token in days. */
  int MOST_DAYS = 3650;

  /**
   * @param name for users: letters, digits, dot, dash, underscore; at most 64
   * @param role of its holder
   * @param days until it expires, 1 to {@link #MOST_DAYS}
   * @return the token and its secret, which cannot be retrieved later
   * @throws org.riglab.api.RigException if name or days are invalid, or the file cannot be written
   */
  Created create(String name, Role role, int days);

  /**
   * @return all tokens that were not revoked, including expired ones, oldest first
   */
  List<Token> list();

  /**
   * @param id of a token
   * @throws org.riglab.api.RigException if there is none, or the file cannot be written
   */
  void revoke(String id);

  /**
   * @param secret the presented secret; may be any text
   * @return the token, if the secret is valid and has not expired
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
   * @param name for users
   * @param role of its holder
   * @param created time of creation
   * @param expires time of expiry
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
   * @param secret the secret for its holder
   */
  record Created(Token token, String secret) {}
}
