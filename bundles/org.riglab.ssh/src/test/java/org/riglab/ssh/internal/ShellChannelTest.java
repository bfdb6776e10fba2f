package org.riglab.ssh.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.session.ServerSession;
import org.junit.Test;
import org.riglab.console.Guest;
import org.riglab.console.RemoteShell;

/** What a client says of its terminal with env requests. */
public class ShellChannelTest {
  private final BlockingQueue<String> seen = new ArrayBlockingQueue<>(4);

  private static <T> T stub(Class<T> type, Map<String, Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answers.get(method.getName())));
  }

  /** The colours that a command of a client sees. */
  private String colours(Map<String, String> variables) throws Exception {
    PublicKey key = KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic();
    ServerSession session =
        stub(
            ServerSession.class,
            Map.of("getClientAddress", new InetSocketAddress("127.0.0.1", 22)));
    RemoteShell shell =
        (RemoteShell)
            Proxy.newProxyInstance(
                RemoteShell.class.getClassLoader(),
                new Class<?>[] {RemoteShell.class},
                (proxy, method, arguments) -> {
                  Guest guest = (Guest) arguments[0];
                  seen.add(guest.colour() + " " + guest.trueColour());
                  return 0;
                });
    ShellChannel channel =
        new ShellChannel(shell, new Visitor(null, null, key, session, null), Optional.of("runs"));
    channel.setInputStream(new ByteArrayInputStream(new byte[0]));
    channel.setOutputStream(new ByteArrayOutputStream());
    channel.setErrorStream(new ByteArrayOutputStream());
    BlockingQueue<Integer> status = new ArrayBlockingQueue<>(1);
    channel.setExitCallback((code, message, close) -> status.add(code));
    channel.start(null, stub(Environment.class, Map.of("getEnv", variables)));
    assertEquals(Integer.valueOf(0), status.poll(20, TimeUnit.SECONDS));
    assertTrue(seen.size() == 1);
    return seen.take();
  }

  @Test
  public void coloursAreWhatTheClientAsksFor() throws Exception {
    assertEquals("true false", colours(Map.of()));
    assertEquals("an empty one is none", "true false", colours(Map.of("NO_COLOR", "")));
    assertEquals("false false", colours(Map.of("NO_COLOR", "1")));
    assertEquals("true true", colours(Map.of("COLORTERM", "truecolor")));
    assertEquals("true true", colours(Map.of("COLORTERM", "24bit", "TERM", "xterm-256color")));
    assertEquals("true false", colours(Map.of("COLORTERM", "rxvt")));
  }
}
