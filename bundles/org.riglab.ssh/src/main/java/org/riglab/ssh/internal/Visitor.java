package org.riglab.ssh.internal;

import java.security.PublicKey;
import org.apache.sshd.server.session.ServerSession;
import org.riglab.api.RigException;
import org.riglab.api.access.Principal;
import org.riglab.console.Guest;

/** An authenticated user. The role of the key is read again before each line. */
final class Visitor implements Guest {
  private final AuthorizedKeys keys;
  private final Audit audit;
  private final PublicKey key;
  private final String fingerprint;
  private final Presence presence;
  private final String from;
  private volatile boolean gone;
  private volatile boolean plain;
  private volatile boolean deep;

  /**
   * @param keys that are let in
   * @param audit records every line
   * @param key by which they came
   * @param session their connection
   * @param presence of those on that connection
   */
  Visitor(
      AuthorizedKeys keys, Audit audit, PublicKey key, ServerSession session, Presence presence) {
    this.keys = keys;
    this.audit = audit;
    this.key = key;
    this.fingerprint = AuthorizedKeys.fingerprint(key);
    this.presence = presence;
    this.from = String.valueOf(session.getClientAddress()).replaceFirst("^/", "");
  }

  String from() {
    return from;
  }

  /** The connection or its channel is closed. */
  void leave() {
    gone = true;
  }

  /** The client asked for output without colours. */
  void plain() {
    plain = true;
  }

  /** The client reported a terminal with 24-bit colours. */
  void deep() {
    deep = true;
  }

  @Override
  public boolean colour() {
    return !plain;
  }

  @Override
  public boolean trueColour() {
    return deep;
  }

  /** They pressed a key. */
  void present() {
    presence.used();
  }

  @Override
  public Principal principal() {
    if (gone) {
      throw new RigException("the connection is closed");
    }
    return new Principal(
        fingerprint,
        keys.role(key)
            .orElseThrow(
                () -> new RigException("the key " + fingerprint + " is not let in any more")));
  }

  @Override
  public void begins(String line) {
    presence.begins();
  }

  @Override
  public void ended(String line, int status, String message) {
    presence.ended();
    String role = keys.role(key).map(r -> r.word()).orElse("-");
    String outcome =
        status == 0
            ? "ok"
            : status == org.riglab.console.ExitStatus.DENIED.code() ? "denied" : "failed:" + status;
    audit.write("command", fingerprint, role, from, outcome, line);
  }
}
