package org.riglab.ssh.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.file.nonefs.NoneFileSystemFactory;
import org.apache.sshd.common.io.nio2.Nio2ServiceFactoryFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.channel.ChannelSessionFactory;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;
import org.apache.sshd.server.global.NoMoreSessionsHandler;
import org.apache.sshd.server.session.ServerSession;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Health;
import org.riglab.base.Steady;
import org.riglab.console.RemoteShell;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SSH server: session channels with the shell or one command, for keys in the file {@code
 * authorized_keys} of the home.
 */
@Component(
    service = {SshService.class, Health.Source.class},
    immediate = true,
    configurationPid = "org.riglab.ssh",
    configurationPolicy = ConfigurationPolicy.OPTIONAL)
public final class SshService implements Health.Source {
  private static final Logger LOG = LoggerFactory.getLogger(SshService.class);
  private static final AttributeRepository.AttributeKey<PublicKey> KEY =
      new AttributeRepository.AttributeKey<>();
  private static final AttributeRepository.AttributeKey<Presence> PRESENCE =
      new AttributeRepository.AttributeKey<>();
  private static final long LOOKS = 20; // checks per idle limit
  private static final Duration LOGIN = Duration.ofSeconds(30);
  private static final int MOST_CHANNELS = 10; // of one connection
  private static final long AUDIT_BYTES = 16L << 20;

  private final RemoteShell shell;
  private final Settings settings;
  private final AuthorizedKeys keys;
  private final Audit audit;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "ssh timer");
            thread.setDaemon(true);
            return thread;
          });
  private SshServer server;

  /**
   * Starts the server if it is enabled. A failure is logged and does not affect the rest of the
   * process.
   *
   * @param context provides the home
   * @param shell runs lines
   * @param settings address, port and limits
   */
  @Activate
  public SshService(BundleContext context, @Reference RemoteShell shell, Settings settings) {
    this(Path.of(context.getProperty("riglab.home")), shell, settings);
  }

  /**
   * @param home with keys and audit
   * @param shell runs lines
   * @param settings address, port and limits
   */
  SshService(Path home, RemoteShell shell, Settings settings) {
    this.shell = shell;
    this.settings = settings;
    this.keys = new AuthorizedKeys(home.resolve("authorized_keys"));
    this.audit = new Audit(home.resolve("log/audit.log"), AUDIT_BYTES, Clock.systemUTC());
    if (settings.enabled()) {
      try {
        Optional<IdleLimit> idle = IdleLimit.of(settings);
        server = server(HostKey.of(home.resolve("host_key")));
        server.start();
        LOG.info("SSH at {} port {}, keys: {}", settings.address(), server.getPort(), keys.count());
        idle.ifPresent(this::watch);
      } catch (IOException | RigException e) {
        LOG.error(
            "no SSH at {} port {}: {}", settings.address(), settings.port(), e.getMessage(), e);
      }
    }
  }

  /** Ends all sessions. */
  @Deactivate
  public void stop() {
    timer.shutdownNow();
    if (server != null) {
      try {
        server.stop(true);
      } catch (IOException e) {
        LOG.warn("the SSH server did not stop", e);
      }
    }
  }

  /**
   * @return the port; 0 if there is no server
   */
  int port() {
    return server == null || !server.isStarted() ? 0 : server.getPort();
  }

  @Override
  public List<Health.Check> checks() {
    return audit
        .problem()
        .map(
            why ->
                List.of(
                    new Health.Check(
                        "audit",
                        Health.Status.CRITICAL,
                        "log/audit.log cannot be written, so that SSH commands are not recorded: "
                            + why)))
        .orElse(List.of());
  }

  private void watch(IdleLimit limit) {
    long nanos = limit.duration().dividedBy(LOOKS).toNanos();
    timer.scheduleWithFixedDelay(
        Steady.task("the look at idle sessions", () -> closeIdle(limit)),
        nanos,
        nanos,
        TimeUnit.NANOSECONDS);
  }

  private void closeIdle(IdleLimit limit) {
    for (Session session : server.getActiveSessions()) {
      Steady.run("the look at an idle session", () -> closeIdle(session, limit));
    }
  }

  private static void closeIdle(Session session, IdleLimit limit) {
    Presence presence = session.getAttribute(PRESENCE);
    if (presence != null
        && !session.isClosing()
        && presence.idle().compareTo(limit.duration()) >= 0) {
      LOG.info("{} was idle for {}", session.getRemoteAddress(), limit.text());
      try {
        session.disconnect(
            SshConstants.SSH2_DISCONNECT_BY_APPLICATION,
            "idle for %s: the server closes the session".formatted(limit.text()));
      } catch (IOException e) {
        LOG.debug("{} was gone already", session.getRemoteAddress(), e);
      }
    }
  }

  private SshServer server(KeyPair hostKey) {
    SshServer made = SshServer.setUpDefaultServer();
    made.setIoServiceFactoryFactory(new Nio2ServiceFactoryFactory());
    made.setHost(settings.address());
    made.setPort(settings.port());
    made.setKeyPairProvider(KeyPairProvider.wrap(hostKey));

    made.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
    made.setPublickeyAuthenticator((user, key, session) -> admit(key, session));
    CoreModuleProperties.MAX_AUTH_REQUESTS.set(made, settings.max_tries());
    CoreModuleProperties.AUTH_TIMEOUT.set(made, LOGIN);
    // Any packet would count, also those that clients send to keep a connection.
    CoreModuleProperties.IDLE_TIMEOUT.set(made, Duration.ZERO);
    // The version is not disclosed before the login.
    CoreModuleProperties.SERVER_IDENTIFICATION.set(made, "riglab");
    CoreModuleProperties.MAX_CONCURRENT_CHANNELS.set(made, MOST_CHANNELS);
    made.addSessionListener(new Bouncer(made::getActiveSessions, settings.max_sessions()));
    made.addSessionListener(new Logins());

    made.setChannelFactories(List.of(ChannelSessionFactory.INSTANCE));
    made.setGlobalRequestHandlers(List.of(NoMoreSessionsHandler.INSTANCE));
    made.setForwardingFilter(RejectAllForwardingFilter.INSTANCE);
    made.setAgentFactory(null);
    made.setSubsystemFactories(List.of());
    made.setFileSystemFactory(NoneFileSystemFactory.INSTANCE);
    made.setShellFactory(channel -> channel(channel, Optional.empty()));
    made.setCommandFactory((channel, line) -> channel(channel, Optional.of(line)));
    return made;
  }

  private boolean admit(PublicKey key, ServerSession session) {
    Optional<Role> role = keys.role(key);
    String from = String.valueOf(session.getClientAddress()).replaceFirst("^/", "");
    if (role.isEmpty()) {
      audit.write("login", AuthorizedKeys.fingerprint(key), "-", from, "denied", "");
      return false;
    }
    session.setAttribute(KEY, key);
    session.setAttribute(PRESENCE, new Presence());
    return true;
  }

  private Command channel(ChannelSession channel, Optional<String> line) {
    ServerSession session = channel.getServerSession();
    Presence presence = session.getAttribute(PRESENCE);
    presence.used();
    Visitor visitor = new Visitor(keys, audit, session.getAttribute(KEY), session, presence);
    return new ShellChannel(shell, visitor, line);
  }

  /** Records a login in the audit file. */
  private final class Logins implements SessionListener {
    @Override
    public void sessionEvent(Session session, Event event) {
      if (event == Event.Authenticated && session instanceof ServerSession at) {
        PublicKey key = session.getAttribute(KEY);
        audit.write(
            "login",
            AuthorizedKeys.fingerprint(key),
            keys.role(key).map(Role::word).orElse("-"),
            String.valueOf(at.getClientAddress()).replaceFirst("^/", ""),
            "ok",
            "");
      }
    }
  }
}
