package org.riglab.ssh.internal;

import java.security.PublicKey;
import org.apache.sshd.server.session.ServerSession;
import org.riglab.api.RigException;
import org.riglab.api.access.Principal;
import org.riglab.console.Guest;

/** Somebody with a key. What the key may do is looked up anew before each line. */
final class Visitor implements Guest {
  private final AuthorizedKeys keys;
  private final Audit audit;
  private final PublicKey key;
  private final String fingerprint;
  private final ServerSession session;
  private final String from;
  private volatile boolean gone;
  private volatile boolean busy;

  /**
   * @param keys that are let in
   * @param audit told of every line
   * @param key by which they came
   * @param session their connection
   */
  Visitor(AuthorizedKeys keys, Audit audit, PublicKey key, ServerSession session) {
    this.keys = keys;
    this.audit = audit;
    this.key = key;
    this.fingerprint = AuthorizedKeys.fingerprint(key);
    this.session = session;
    this.from = String.valueOf(session.getClientAddress()).replaceFirst("^/", "");
  }

  String from() {
    return from;
  }

  /** The client is gone, or its channel. */
  void leave() {
    gone = true;
  }

  /** Keeps the connection of somebody whose command runs. */
  void stay() {
    if (busy && !gone) {
      session.resetIdleTimeout();
    }
  }

  boolean isGone() {
    return gone;
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
    busy = true;
  }

  @Override
  public void ended(String line, int status, String message) {
    busy = false;
    session.resetIdleTimeout();
    String role = keys.role(key).map(r -> r.word()).orElse("-");
    String outcome =
        status == 0
            ? "ok"
            : status == org.riglab.console.RemoteShell.DENIED ? "denied" : "failed:" + status;
    audit.write("command", fingerprint, role, from, outcome, line);
  }
}
