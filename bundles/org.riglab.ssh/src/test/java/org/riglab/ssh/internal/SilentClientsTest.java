package org.riglab.ssh.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.jline.terminal.Terminal;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.util.converter.Converters;
import org.riglab.console.Guest;
import org.riglab.console.RemoteShell;

/** Connections that do not log in keep nobody out. */
public class SilentClientsTest {
  private static final int MOST_SESSIONS = 2;

  /** More than may log in at a time, and more than there may be sessions. */
  private static final int MANY = Bouncer.MOST_LOGGING_IN + 20;

  /** Less than the time after which the server ends what has not logged in. */
  private static final long PATIENCE_SECONDS = 20;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<Socket> silent = new ArrayList<>();
  private final SshClient client = SshClient.setUpDefaultClient();
  private SshService service;
  private KeyPair key;

  /** Runs nothing. */
  private static final class NoShell implements RemoteShell {
    @Override
    public int run(Guest guest, String line, InputStream in, OutputStream out, OutputStream err) {
      return 0;
    }

    @Override
    public int run(Guest guest, String line, Terminal terminal) {
      return 0;
    }

    @Override
    public void converse(Guest guest, Terminal terminal) {}
  }

  @Before
  public void start() throws Exception {
    Path home = folder.getRoot().toPath();
    Files.createDirectories(home.resolve("log"));
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    key = generator.generateKeyPair();
    Files.writeString(
        home.resolve("authorized_keys"), PublicKeyEntry.toString(key.getPublic()) + "\n");
    Map<String, Object> settings = Map.of("port", 0, "max.sessions", MOST_SESSIONS);
    service =
        new SshService(
            home,
            new NoShell(),
            Converters.standardConverter().convert(settings).to(Settings.class));
    client.setServerKeyVerifier((session, address, serverKey) -> true);
    client.start();
  }

  @After
  public void stop() throws Exception {
    for (Socket socket : silent) {
      socket.close();
    }
    client.stop();
    service.stop();
  }

  private ClientSession login() throws Exception {
    ClientSession session =
        client
            .connect("lab", "127.0.0.1", service.port())
            .verify(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .getSession();
    session.addPublicKeyIdentity(key);
    session.auth().verify(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return session;
  }

  @Test
  public void keepNobodyOut() throws Exception {
    for (int i = 0; i < MANY; i++) {
      silent.add(new Socket("127.0.0.1", service.port()));
    }
    try (ClientSession session = login()) {
      assertEquals("", session.executeRemoteCommand("runs"));
    }
  }

  @Test
  public void sessionsAreStillLimited() throws Exception {
    try (ClientSession first = login();
        ClientSession second = login()) {
      assertThrows(
          IOException.class,
          () -> {
            try (ClientSession third = login()) {
              third.executeRemoteCommand("runs");
            }
          });
      assertEquals("", first.executeRemoteCommand("runs"));
      assertEquals("", second.executeRemoteCommand("runs"));
    }
  }
}
