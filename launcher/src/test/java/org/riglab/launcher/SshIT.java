package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.rules.Timeout;

/** The server's shell, visited by OpenSSH's own client; skipped where there is none. */
public final class SshIT {
  private static final long MINUTES = 3;
  private static final int MOST_SESSIONS = 12;
  private static final int MOST_TRIES = 6;

  @ClassRule public static final TemporaryFolder SHARED = new TemporaryFolder();
  private static Path keys;
  private static Path home;
  private static Path rig;
  private static int port;
  private static Process server;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  @Rule public final Timeout hang = Timeout.seconds(90);
  private final List<Client> clients = new ArrayList<>();

  private record Result(int status, String out, String err) {}

  @BeforeClass
  public static void serve() throws Exception {
    assumeTrue("there is no ssh, sftp, scp and ssh-keygen here", installed());
    Path root = SHARED.getRoot().toPath();
    rig = ScratchDistribution.make(root.resolve("riglab")).root().resolve("bin/rig");
    home = Files.createDirectories(root.resolve("home"));
    keys = Files.createDirectories(root.resolve("keys"));
    for (String role : List.of("viewer", "operator", "admin", "stranger")) {
      key(role);
    }
    authorize("viewer", "operator", "admin");
    port = freePort();
    configure(
        home,
        "{\"port\": %d, \"max.sessions\": %d, \"max.tries\": %d}"
            .formatted(port, MOST_SESSIONS, MOST_TRIES));
    server = start(home);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private static void configure(Path home, String settings) throws IOException {
    Files.createDirectories(home.resolve("config"));
    Files.writeString(
        home.resolve("config/ssh.json"),
        "{\":configurator:resource-version\": 1, \"org.riglab.ssh\": " + settings + "}");
  }

  private static Process start(Path home) throws IOException {
    Process process =
        new ProcessBuilder(rig.toString(), "--home", home.toString(), "server")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Expect.readTo(process.getInputStream(), "rig: serving");
    return process;
  }

  private static void stop() throws InterruptedException {
    server.destroy();
    assertTrue("still running", server.waitFor(MINUTES, TimeUnit.MINUTES));
  }

  @AfterClass
  public static void stopServing() throws Exception {
    if (server != null) {
      stop();
    }
  }

  @After
  public void hangUp() {
    clients.forEach(c -> c.process().destroyForcibly());
  }

  private static boolean installed() {
    for (String tool : List.of("ssh", "sftp", "scp", "ssh-keygen")) {
      boolean found = false;
      for (String directory : System.getenv("PATH").split(":")) {
        found |= Files.isExecutable(Path.of(directory, tool));
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }

  private static void key(String name) throws Exception {
    Process process =
        new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys.resolve(name).toString())
            .inheritIO()
            .start();
    assertEquals(0, process.waitFor());
  }

  private static void authorize(String... roles) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String role : roles) {
      String key = Files.readString(keys.resolve(role + ".pub"));
      lines.append("role=\"").append(role).append("\" ").append(key);
    }
    Path file = home.resolve("authorized_keys");
    Files.writeString(file, lines);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private static List<String> options(String key) {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-F", "none", "-i", keys.resolve(key).toString()));
    for (String option :
        List.of(
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "BatchMode=yes",
            "StrictHostKeyChecking=accept-new",
            "UserKnownHostsFile=" + keys.resolve("known_hosts"))) {
      options.addAll(List.of("-o", option));
    }
    return options;
  }

  private ProcessBuilder ssh(String key, List<String> more, String... line) {
    List<String> command = new ArrayList<>(List.of("ssh"));
    command.addAll(options(key));
    command.addAll(more);
    command.addAll(
        List.of("-p", Integer.toString(port))); // of two ports the client takes the first
    command.add("lab@127.0.0.1");
    command.addAll(List.of(line));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TERM", "xterm");
    return builder;
  }

  private Result run(ProcessBuilder builder) throws Exception {
    Path err = folder.newFile().toPath();
    Process process =
        builder
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectError(err.toFile())
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue("still running", process.waitFor(MINUTES, TimeUnit.MINUTES));
    return new Result(process.exitValue(), out, Files.readString(err));
  }

  private Result ssh(String key, String line) throws Exception {
    return run(ssh(key, List.of(), line));
  }

  /** Somebody who types. */
  private record Client(Process process) {
    void type(String text) throws IOException {
      process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    }

    String readTo(String... texts) throws IOException {
      return Expect.readTo(process.getInputStream(), texts);
    }
  }

  private Client open(String key, String... more) throws IOException {
    // Its input is no terminal, so that what is typed arrives as it is, Ctrl-C too.
    List<String> options = new ArrayList<>(List.of("-tt"));
    options.addAll(List.of(more));
    Client client = new Client(ssh(key, options).redirectErrorStream(true).start());
    clients.add(client);
    return client;
  }

  private static List<String> audit() throws IOException {
    return Files.readAllLines(home.resolve("log/audit.log"));
  }

  @Test
  public void oneLineAndItsStatus() throws Exception {
    assertEquals(
        new Result(0, "String [a b]\nString [1e3]\n", ""), ssh("viewer", "arguments 'a b' 1e3"));
    assertEquals(new Result(0, "String [x]\n", ""), ssh("viewer", "rig:arguments x"));
    assertEquals(new Result(0, "5\n", ""), ssh("viewer", "sum 2 3"));
    assertEquals(
        new Result(3, "", "rig: no such thing: x; there are y, z\n"), ssh("admin", "fail"));
    assertEquals(2, ssh("viewer", "argument").status());
    assertEquals(
        new Result(126, "", "rig: fail needs the role admin; yours is operator\n"),
        ssh("operator", "fail"));
    assertEquals(
        new Result(0, "String [x]\n", ""), ssh("admin", "arguments x | grep x; property none"));
    assertEquals(2, run(ssh("viewer", List.of("-T"))).status());
  }

  @Test
  public void onlyKnownKeysComeIn() throws Exception {
    Result stranger = ssh("stranger", "arguments");
    assertEquals(255, stranger.status());
    assertTrue(stranger.err(), stranger.err().contains("Permission denied (publickey)."));
    assertTrue(audit().stream().anyMatch(l -> l.contains("\tlogin\t") && l.contains("\tdenied\t")));

    for (String method : List.of("password", "keyboard-interactive", "none", "hostbased")) {
      Result other =
          run(
              ssh(
                  "viewer",
                  List.of(
                      "-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=" + method),
                  "arguments"));
      assertEquals(method, 255, other.status());
      assertTrue(other.err(), other.err().contains("Permission denied (publickey)."));
    }
  }

  @Test
  public void aKeyThatIsOnlyOfferedGivesNoRole() throws Exception {
    // The admin's public half alone: the server says yes to it, but nobody can sign.
    Path half = folder.newFolder().toPath().resolve("half");
    Files.copy(keys.resolve("admin.pub"), half);
    Result result = run(ssh("viewer", List.of("-v", "-i", half.toString()), "fail"));
    assertEquals(result.err(), 126, result.status());
    assertTrue(result.err(), result.err().contains("needs the role admin; yours is viewer"));
  }

  @Test
  public void nothingIsForwarded() throws Exception {
    Result through =
        run(ssh("admin", List.of("-W", "127.0.0.1:" + port, "-o", "ExitOnForwardFailure=yes")));
    assertEquals(255, through.status());
    assertTrue(through.err(), through.err().contains("stdio forwarding failed"));
    Result back =
        run(
            ssh(
                "admin",
                List.of("-N", "-R", "0:127.0.0.1:" + port, "-o", "ExitOnForwardFailure=yes")));
    assertEquals(255, back.status());
    assertTrue(back.err(), back.err().contains("remote port forwarding failed"));
    Result socket =
        run(
            ssh(
                "admin",
                List.of(
                    "-N", "-R", "/tmp/riglab-none:127.0.0.1:1", "-o", "ExitOnForwardFailure=yes")));
    assertEquals(255, socket.status());
    Result tunnel =
        run(ssh("admin", List.of("-w", "0:0", "-o", "ExitOnForwardFailure=yes"), "arguments x"));
    assertNotEquals(0, tunnel.status());
  }

  @Test
  public void noFilesAreCopied() throws Exception {
    List<String> sftp = new ArrayList<>(List.of("sftp", "-P", Integer.toString(port)));
    sftp.addAll(options("admin"));
    sftp.add("lab@127.0.0.1");
    Result files = run(new ProcessBuilder(sftp));
    assertNotEquals(0, files.status());
    assertTrue(files.err(), files.err().contains("subsystem request failed"));

    Path stolen = folder.getRoot().toPath().resolve("stolen");
    for (String protocol : List.of("-O", "-s")) {
      List<String> scp = new ArrayList<>(List.of("scp", protocol, "-P", Integer.toString(port)));
      scp.addAll(options("admin"));
      scp.addAll(List.of("lab@127.0.0.1:" + home.resolve("host_key"), stolen.toString()));
      assertNotEquals(protocol, 0, run(new ProcessBuilder(scp)).status());
      assertFalse(protocol, Files.exists(stolen));
    }
  }

  @Test
  public void controlCEndsTheCommandOnly() throws Exception {
    Client client = open("operator");
    client.readTo("rig> ");
    client.type("work first\r");
    client.readTo("working");
    client.type("\u0003");
    client.readTo("saved", "rig> ");
    assertEquals("saved", Files.readString(home.resolve("files/first")));
    client.type("arguments half a line\u0003");
    client.readTo("rig> ");
    client.type("arguments still here\r");
    String seen = client.readTo("String [here]", "rig> ");
    assertFalse(seen, seen.contains("String [line]"));
    client.type("exit\r");
    assertTrue("still running", client.process().waitFor(MINUTES, TimeUnit.MINUTES));
    assertEquals(0, client.process().exitValue());
    assertTrue(server.isAlive());
  }

  @Test
  public void whoDoesNothingIsSentAwayAndWhoWorksIsNot() throws Exception {
    Path other = Files.createDirectories(folder.getRoot().toPath().resolve("impatient"));
    Files.copy(
        home.resolve("authorized_keys"),
        other.resolve("authorized_keys"),
        StandardCopyOption.COPY_ATTRIBUTES);
    int port = freePort();
    configure(other, "{\"port\": %d, \"idle\": \"3s\"}".formatted(port));
    Process impatient = start(other);
    try {
      String at = "Port=" + port;
      Client working = open("operator", "-o", at);
      working.readTo("rig> ");
      working.type("work third\r");
      working.readTo("working");
      // It says every second that it is still there; nobody presses a key.
      Client idle = open("viewer", "-o", at, "-o", "ServerAliveInterval=1");
      idle.readTo("rig> ", "idle for 3s: the server closes the session");
      assertTrue("still running", idle.process().waitFor(MINUTES, TimeUnit.MINUTES));
      assertEquals(255, idle.process().exitValue());

      // The command has been silent for longer.
      working.type("\u0003");
      working.readTo("saved", "rig> ");
      working.type("arguments still here\r");
      working.readTo("String [here]", "rig> ", "idle for 3s: the server closes the session");
    } finally {
      impatient.destroy();
      assertTrue("still running", impatient.waitFor(MINUTES, TimeUnit.MINUTES));
    }
  }

  @Test
  public void whoHangsUpEndsTheCommand() throws Exception {
    Client client = open("operator");
    client.readTo("rig> ");
    client.type("work second\r");
    client.readTo("working");
    client.process().destroyForcibly();
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
    while (audit().stream().noneMatch(l -> l.endsWith("\tok\t\"work second\""))) {
      assertTrue("the command goes on", System.nanoTime() < end);
      Thread.onSpinWait();
    }
    assertEquals("saved", Files.readString(home.resolve("files/second")));
  }

  @Test
  public void linesAreEditedAndRemembered() throws Exception {
    Client client = open("viewer");
    client.readTo("rig> ");
    client.type("argu\t'\u00e9'\r");
    client.readTo("String [\u00e9]", "rig> ");
    // The line before, and two characters left of its end another one.
    client.type("\u0010\u0002\u0002x\r");
    client.readTo("String [x\u00e9]", "rig> ");
    // Where an editor would open any file.
    client.type("arguments safe\u0018\u0005\r");
    client.readTo("rig> ");
    client.type("\u0004");
    assertTrue("still running", client.process().waitFor(MINUTES, TimeUnit.MINUTES));
  }

  @Test
  public void viewersAndOperatorsStayInTheirScope() throws Exception {
    Path secret = folder.newFile("secret").toPath();
    Files.writeString(secret, "SECRET");
    List<String> lines =
        List.of(
            "cat " + secret,
            "gogo:cat " + secret,
            "less " + secret,
            "grep . " + secret,
            "arguments x | tee " + secret,
            "arguments x > " + secret,
            "arguments x; gogo:echo SECRET",
            "arguments $(gogo:cat " + secret + ")",
            "arguments (gogo:cat " + secret + ")",
            "arguments ${.context}",
            "arguments <(gogo:cat " + secret + ")",
            "(new java.io.File " + secret + ") delete",
            "((bundle 0) stop)",
            "bundle 0",
            "stop 0",
            "shutdown",
            "each [1] { echo SECRET }",
            "x = { echo SECRET }",
            "$.context getBundles",
            "felix:stop 0",
            "addcommand rig x",
            "exec 'arguments x'",
            "arguments a\nproperty user.home",
            "property user.home",
            "rig:property user.home",
            "arguments --output " + secret,
            "arguments ../../etc");
    for (String key : List.of("viewer", "operator")) {
      for (String line : lines) {
        Result result = ssh(key, line);
        assertTrue(line + ": " + result, result.status() == 2 || result.status() == 126);
        assertEquals(line, "", result.out());
        assertFalse(line, result.err().contains("SECRET "));
      }
    }
    assertEquals("SECRET", Files.readString(secret));
    Client client = open("viewer");
    client.readTo("rig> ");
    for (String line : lines.subList(0, 20)) {
      client.type(line + "\r");
      client.readTo("rig: ", "rig> ");
    }
    assertEquals(126, ssh("viewer", "work x").status());
    assertTrue(server.isAlive());
  }

  @Test
  public void tenAtOnce() throws Exception {
    List<Client> ten = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ten.add(open(List.of("viewer", "operator", "admin").get(i % 3)));
    }
    for (Client client : ten) {
      client.readTo("rig> ");
    }
    for (int i = 0; i < 10; i++) {
      ten.get(i).type("arguments mine-" + i + "\r");
    }
    for (int i = 9; i >= 0; i--) {
      String seen = ten.get(i).readTo("String [mine-" + i + "]", "rig> ");
      for (int other = 0; other < 10; other++) {
        assertEquals(seen, other == i, seen.contains("mine-" + other));
      }
    }
  }

  @Test
  public void oneConnectionTooManyIsRefused() throws Exception {
    for (int i = 0; i < MOST_SESSIONS; i++) {
      open("viewer").readTo("rig> ");
    }
    Result refused = ssh("viewer", "arguments late");
    assertEquals(refused.toString(), 255, refused.status());
    Client one = clients.get(0);
    one.type("exit\r");
    assertTrue("still running", one.process().waitFor(MINUTES, TimeUnit.MINUTES));
    Result let = ssh("viewer", "arguments in");
    while (let.status() == 255) { // until the server has seen that the connection is closed
      let = ssh("viewer", "arguments in");
    }
    assertEquals("String [in]\n", let.out());
  }

  @Test
  public void keysAreNotTriedWithoutEnd() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < MOST_TRIES; i++) {
      String name = "wrong-" + i + folder.getRoot().getName();
      key(name);
      wrong.addAll(List.of("-i", keys.resolve(name).toString()));
    }
    List<String> command = new ArrayList<>(List.of("ssh", "-p", Integer.toString(port)));
    command.addAll(wrong.subList(0, 2));
    command.addAll(options("viewer"));
    command.addAll(List.of("lab@127.0.0.1", "arguments in"));
    Result second = run(new ProcessBuilder(command));
    assertEquals(second.toString(), "String [in]\n", second.out());
    command.addAll(1, wrong.subList(2, wrong.size()));
    Result late = run(new ProcessBuilder(command));
    assertEquals(late.toString(), 255, late.status());
    assertTrue(late.err(), late.err().contains("Too many authentication failures"));
  }

  @Test
  public void forwardsNoDisplay() throws Exception {
    ProcessBuilder forwarding = ssh("viewer", List.of("-X"), "arguments in");
    forwarding.environment().put("DISPLAY", "127.0.0.1:99");
    Result result = run(forwarding);
    assertEquals("String [in]\n", result.out());
    assertTrue(result.err(), result.err().contains("X11 forwarding request failed"));
  }

  @Test
  public void aKeyTakenOutIsOutAtOnce() throws Exception {
    key("guest-" + folder.getRoot().getName());
    String guest = "guest-" + folder.getRoot().getName();
    String line = "role=\"viewer\" " + Files.readString(keys.resolve(guest + ".pub"));
    Path file = home.resolve("authorized_keys");
    String before = Files.readString(file);
    Files.writeString(file, before + line);
    Client client = open(guest);
    client.readTo("rig> ");
    client.type("arguments in\r");
    client.readTo("String [in]", "rig> ");
    Files.writeString(file, before);
    client.type("arguments out\r");
    client.readTo("is not let in any more");
    assertTrue("still running", client.process().waitFor(MINUTES, TimeUnit.MINUTES));
    assertEquals(255, ssh(guest, "arguments").status());
  }

  @Test
  public void eachLineIsAudited() throws Exception {
    String forged = "arguments \n2019-01-07T12:00:00Z\tcommand\tforged";
    ssh("viewer", forged);
    ssh("viewer", "arguments audited");
    List<String> lines = audit();
    List<String> last = lines.stream().filter(l -> l.contains("audited")).toList();
    assertEquals(1, last.size());
    String[] fields = last.get(0).split("\t");
    Process process =
        new ProcessBuilder("ssh-keygen", "-l", "-f", keys.resolve("viewer.pub").toString()).start();
    String listed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("command", fields[1]);
    assertEquals(listed.split(" ")[1], fields[2]);
    assertEquals("viewer", fields[3]);
    assertEquals("ok", fields[5]);
    assertEquals("\"arguments audited\"", fields[6]);
    assertTrue(lines.stream().allMatch(l -> l.split("\t").length == 7));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(home.resolve("log/audit.log"))));
    assertFalse(Files.readString(home.resolve("log/riglab.log")).contains("\n2019-01-07T12"));
  }

  @Test
  public void theHostKeyStays() throws Exception {
    Path file = home.resolve("host_key");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(0, ssh("viewer", "arguments").status());
    byte[] before = Files.readAllBytes(file);
    stop();
    server = start(home);
    assertEquals(new String(before, StandardCharsets.UTF_8), Files.readString(file));
    // The client has it in its known_hosts.
    assertEquals(0, ssh("viewer", "arguments").status());
  }
}
