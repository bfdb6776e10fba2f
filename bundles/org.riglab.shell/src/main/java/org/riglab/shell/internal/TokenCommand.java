package org.riglab.shell.internal;

import java.time.Instant;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.access.Tokens;
import org.riglab.base.Json;

/** Makes, lists and revokes tokens. */
@Descriptor("creates, lists and revokes tokens for HTTP access")
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=token"
    })
public final class TokenCommand extends Command {
  private final Tokens tokens;

  /**
   * @param tokens valid tokens
   */
  @Activate
  public TokenCommand(@Reference Tokens tokens) {
    super("token");
    this.tokens = tokens;
  }

  /**
   * @param session writes to it
   * @param role what the holder may do
   * @param days until it expires
   * @param name for display
   * @param json whether to print JSON
   */
  @Descriptor(
      "creates a token and prints its secret, which is not stored and cannot be shown again. --json"
          + " prints an object: token (id, name, role, created, expires), secret")
  public void create(
      CommandSession session,
      @Descriptor(
              "viewer|operator|admin: role: viewers only read, operators also run, admins also"
                  + " manage plugins")
          @Parameter(
              names = {"-r", "--role"},
              absentValue = "viewer")
          String role,
      @Descriptor("N: days until it expires, 1 to 3650")
          @Parameter(
              names = {"-d", "--days"},
              absentValue = "30")
          int days,
      @Descriptor("NAME: description, for example its owner or purpose")
          @Parameter(
              names = {"-n", "--name"},
              absentValue = "token")
          String name,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Tokens.Created created = tokens.create(name, Role.of(role), days);
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(created));
      return;
    }
    terminal.out().println(created.secret());
    terminal
        .out()
        .println(
            "token "
                + created.token().id()
                + ": "
                + role
                + " until "
                + created.token().expires()
                + "; it is not shown again");
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   */
  @Descriptor(
      "lists the tokens. --json prints an array of objects: id, name, role, created, expires")
  public void list(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
    Terminal terminal = Terminal.of(session);
    if (json) {
      terminal.out().print(Json.text(tokens.list()));
      return;
    }
    if (tokens.list().isEmpty()) {
      terminal.out().println("no tokens; 'token create' creates one");
      return;
    }
    Table table = new Table("id", "name", "role", "created", "expires", "");
    Instant now = Instant.now();
    for (Tokens.Token token : tokens.list()) {
      table.row(
          token.id(),
          token.name(),
          token.role().word(),
          token.created().toString(),
          token.expires().toString(),
          token.expires().isAfter(now) ? "" : "expired");
    }
    terminal.print(table);
  }

  /**
   * @param session writes to it
   * @param id of a token
   */
  @Descriptor("revokes a token; sessions that use it end immediately")
  public void revoke(
      CommandSession session, @Descriptor("id of the token, see token list") String id) {
    tokens.revoke(id);
    Terminal.of(session).out().println("revoked " + id);
  }
}
