package org.riglab.console.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.riglab.api.RigException;
import org.riglab.api.access.Principal;
import org.riglab.api.access.Role;
import org.riglab.console.Guest;

/** Guests who try what they may not, against Gogo itself. */
public final class GuestShellTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final ThreadIOImpl threads = new ThreadIOImpl();
  private final List<Service> services = new ArrayList<>();
  private final List<String> called = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private CommandProcessorImpl processor;
  private GuestShell shell;

  /** A command as services are found. */
  private record Service(Map<String, Object> properties, Object object) {}

  /** What a shell command looks like. */
  public final class Probe implements Function {
    private final String name;

    Probe(String name) {
      this.name = name;
    }

    @Descriptor("a command")
    public void probe(
        CommandSession session,
        @Parameter(
                names = {"-o", "--out-put"},
                absentValue = "")
            Optional<Path> output) {}

    @Override
    public Object execute(CommandSession session, List<Object> arguments) {
      if (!name.equals("rule")) {
        arguments.forEach(argument -> assertEquals(String.class, argument.getClass()));
      }
      called.add(name + arguments);
      System.out.println(name + " in " + session.currentDir().getFileName());
      if (arguments.contains("fail")) {
        throw new RigException(RigException.Kind.NOT_FOUND, "no such thing");
      }
      return null;
    }
  }

  @Before
  public void open() {
    threads.start();
    processor = new CommandProcessorImpl(threads);
    BundleContext context =
        (BundleContext)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "getProperty" -> folder.getRoot().toString();
                      case "getServiceReferences" ->
                          services.stream().map(this::reference).toArray(ServiceReference[]::new);
                      case "getService" ->
                          ((ServiceReference<?>) arguments[0]).getProperty("object");
                      case "ungetService" -> true;
                      default -> null;
                    });
    shell = new GuestShell(context, processor, threads);
    command("look", "viewer");
    command("work", "operator");
    command("rule", "admin");
    command("weigh", "viewer", "--all=operator", "-a=operator");
    command("forgotten");
    command("mistaken", "everybody");
    command("plugin", "list=viewer", "install=admin");
    command("shelf", "viewer", "clear=operator", "burn=admin");
    // What Gogo has, and what a session could reach through it.
    processor.addCommand("gogo", new Escape(), "cat");
    processor.addCommand("gogo", new Escape(), "echo");
    processor.addCommand("felix", new Escape(), "install");
    processor.addConstant("context", new Escape());
  }

  @After
  public void close() {
    processor.stop();
    threads.stop();
  }

  /** Whatever of it is called was reached. */
  public final class Escape {
    /** Reached. */
    public void cat() {
      called.add("cat");
    }

    /** Reached. */
    public void echo(Object... words) {
      called.add("echo");
    }

    /** Reached. */
    public void install(String bundle) {
      called.add("install");
    }

    /** Reached. */
    public String getName() {
      called.add("getName");
      return "name";
    }
  }

  private void command(String name, String... roles) {
    Map<String, Object> properties =
        roles.length == 0
            ? Map.of("osgi.command.scope", "rig", "osgi.command.function", name)
            : Map.of(
                "osgi.command.scope", "rig", "osgi.command.function", name, Role.PROPERTY, roles);
    services.add(new Service(properties, new Probe(name)));
    processor.addCommand("rig", new Probe(name), name);
  }

  private ServiceReference<?> reference(Service service) {
    return (ServiceReference<?>)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ServiceReference.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getProperty" ->
                      arguments[0].equals("object")
                          ? service.object()
                          : service.properties().get(arguments[0]);
                  case "compareTo" -> 0;
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> null;
                });
  }

  private Guest guest(Role role) {
    return new Guest() {
      @Override
      public Principal principal() {
        return new Principal("SHA256:key", role);
      }

      @Override
      public void ended(String line, int status, String message) {
        told.add(line + ">" + status);
      }
    };
  }

  private record Answer(int status, String out, String err) {}

  private Answer run(Role role, String line) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = shell.run(guest(role), line, new ByteArrayInputStream(new byte[0]), out, err);
    return new Answer(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  public void rolesDecideWhatIsCalled() {
    assertEquals(new Answer(0, "look in files\n", ""), run(Role.VIEWER, "look a 'b c'"));
    assertEquals(0, run(Role.VIEWER, "rig:look").status());
    assertEquals(0, run(Role.VIEWER, "plugin list").status());
    assertEquals(0, run(Role.OPERATOR, "work --output pictures/a.png 6..4").status());
    assertEquals(
        List.of("look[a, b c]", "look[]", "plugin[list]", "work[--output, pictures/a.png, 6..4]"),
        called);
    called.clear();
    assertEquals(0, run(Role.VIEWER, "weigh 3 --allow").status());
    assertEquals(0, run(Role.OPERATOR, "weigh 3 --all").status());
    assertEquals(List.of("weigh[3, --allow]", "weigh[3, --all]"), called);
    for (String line : List.of("weigh 3 --all", "weigh --all=3 4", "weigh -a 3")) {
      assertEquals(
          new Answer(126, "", "rig: weigh needs the role operator; yours is viewer\n"),
          run(Role.VIEWER, line));
    }
    called.clear();
    assertEquals(
        new Answer(126, "", "rig: work needs the role operator; yours is viewer\n"),
        run(Role.VIEWER, "work"));
    assertEquals(
        new Answer(126, "", "rig: plugin install needs the role admin; yours is operator\n"),
        run(Role.OPERATOR, "plugin install"));
    for (Role role : List.of(Role.VIEWER, Role.OPERATOR)) {
      for (String line :
          List.of("rule", "forgotten", "mistaken", "plugin", "plugin Install", "plugin remove")) {
        assertEquals(line, 126, run(role, line).status());
      }
    }
    assertEquals(List.of(), called);
    assertEquals(0, run(Role.VIEWER, "shelf").status());
    assertEquals(0, run(Role.VIEWER, "shelf --where clear").status());
    assertEquals(126, run(Role.VIEWER, "shelf clear 1").status());
    assertEquals(0, run(Role.OPERATOR, "shelf clear 1").status());
    assertEquals(126, run(Role.OPERATOR, "shelf burn 1").status());
    assertEquals(List.of("shelf[]", "shelf[--where, clear]", "shelf[clear, 1]"), called);
    assertEquals(
        new Answer(3, "look in files\n", "rig: no such thing\n"), run(Role.VIEWER, "look fail"));
    assertEquals("look fail>3", told.get(told.size() - 1));
  }

  @Test
  public void nothingBesideCommandsIsReached() throws Exception {
    Path secret = folder.newFile("secret").toPath();
    Files.writeString(secret, "SECRET");
    List<String> lines =
        List.of(
            "cat",
            "gogo:cat",
            "gogo:echo x",
            "felix:install x",
            "*:cat",
            "rig:gogo:cat",
            "rig:rig:look",
            ":cat",
            "look | cat",
            "look |& cat",
            "look; cat",
            "look & cat",
            "look && cat",
            "look\ncat",
            "look\rcat",
            "look\u0085cat",
            "look\u2028cat",
            "look\u0000cat",
            "look > " + secret,
            "look < " + secret,
            "look (cat)",
            "look $(cat)",
            "look \"$(cat)\" | cat",
            "look {cat}",
            "look `cat`",
            "look [a=(cat)]",
            "look <(cat)",
            "(cat)",
            "{cat}",
            "$(cat)",
            "$context",
            "$context getName",
            "${context}",
            "${context.name}",
            "${.context.bundles}",
            "$.context bundles",
            "context getName",
            "context",
            "x = {cat}",
            "x=cat",
            "x = $context",
            "look=cat",
            "new java.io.File " + secret,
            "(new java.io.File x)",
            "((new java.io.File " + secret + ") delete)",
            "\"abc\" getClass",
            "abc getClass",
            "1 + 1",
            "each [1 2] {cat}",
            "if {cat} {cat}",
            "while {cat} {cat}",
            "try {cat}",
            "eval cat",
            "gosh",
            "source " + secret,
            "exec cat",
            "sh cat",
            "type look",
            "set",
            "jobs",
            "history",
            "less " + secret,
            "nano " + secret,
            "tac " + secret,
            "grep . " + secret,
            "addcommand rig $context",
            "!!",
            "!look",
            "~",
            ". " + secret,
            ".context",
            "'look' | 'cat'",
            "'look;cat'",
            "'gogo:cat'",
            "\"look\\\" | cat\"",
            "l\u043eok",
            "look\u200b",
            "\uff4cook",
            "LOOK",
            "look\uff5ccat | cat",
            "--help | cat",
            "help cat",
            "help gogo:cat",
            "%(1+1)",
            "look /etc/passwd",
            "look --output /etc/x",
            "look --output=/etc/x",
            "look file:/etc/x",
            "look file:///etc/x",
            "look part:dir=/etc",
            "look a,/etc",
            "look ../secret",
            "look ..",
            "look a/../../secret",
            "look a=../secret",
            "look '  ../secret'",
            "look ./..",
            "look ~root",
            "look ~/x",
            "look 'a\\..\\b'",
            "look '/etc/x'");
    for (Role role : List.of(Role.VIEWER, Role.OPERATOR)) {
      for (String line : lines) {
        Answer answer = run(role, line);
        assertTrue(line + ": " + answer, answer.status() == 2 || answer.status() == 126);
        assertFalse(line, (answer.out() + answer.err()).contains("SECRET"));
      }
    }
    assertEquals(List.of(), called);
    assertEquals("SECRET", Files.readString(secret));
    assertEquals(2 * lines.size(), told.size());
    try (var files = Files.list(folder.getRoot().toPath())) {
      assertEquals(
          List.of("files", "secret"), files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  public void quotedSpecialsReachTheCommandAsTheyAre() {
    assertEquals(0, run(Role.VIEWER, "look '$(cat)' '<<6 4>>' \"{cat}|;\"").status());
    assertEquals(List.of("look[$(cat), <<6 4>>, {cat}|;]"), called);
  }

  @Test
  public void viewersNameNoFiles() {
    for (String word :
        List.of("-o x", "--out-put x", "--out-put=x", "--out_put=x", "--out_put x")) {
      assertEquals(word, 126, run(Role.VIEWER, "look " + word).status());
      assertEquals(word, 0, run(Role.OPERATOR, "look " + word).status());
    }
    assertEquals(5, called.size());
  }

  @Test
  public void helpListsWhatTheRoleMayCall() {
    assertEquals(
        "  look    a command\n  plugin  a command\n  shelf   a command\n  weigh   a command\n",
        run(Role.VIEWER, "help").out());
    assertEquals(
        List.of("look", "plugin", "shelf", "weigh", "work"),
        run(Role.OPERATOR, "help").out().lines().map(l -> l.strip().split(" ")[0]).toList());
  }

  @Test
  public void aPatternIsOneArgumentPerMatch() throws IOException {
    Path files = Files.createDirectories(folder.getRoot().toPath().resolve("files"));
    for (String name : List.of("a 1.jpg", "b.jpg", "c.png")) {
      Files.createFile(files.resolve(name));
    }
    assertEquals(0, run(Role.ADMIN, "rule x " + files + "/*.jpg y").status());
    assertEquals(0, run(Role.ADMIN, "rule " + files + "/*.png").status());
    assertEquals(
        List.of(
            "rule[x, %1$s/a 1.jpg, %1$s/b.jpg, y]".formatted(files),
            "rule[%s/c.png]".formatted(files)),
        called);
  }

  @Test
  public void adminsHaveGogo() {
    assertEquals(0, run(Role.ADMIN, "rig:rule a; gogo:echo (cat)").status());
    assertEquals(List.of("rule[a]", "cat", "echo"), called);
  }

  @Test
  public void theEditorOfTheLineReaderIsGone() throws Exception {
    for (Role role : List.of(Role.VIEWER, Role.OPERATOR)) {
      Lines lines = new PlainLines(null, threads, new Running(), role, folder.getRoot().toPath());
      try (Terminal terminal =
          new ExternalTerminal(
              "test",
              "dumb",
              InputStream.nullInputStream(),
              new ByteArrayOutputStream(),
              StandardCharsets.UTF_8)) {
        LineReader reader = LineReaderBuilder.builder().terminal(terminal).build();
        assertTrue(reader.getWidgets().containsKey(LineReader.EDIT_AND_EXECUTE_COMMAND));
        lines.restrict(reader);
        assertFalse(reader.getWidgets().containsKey(LineReader.EDIT_AND_EXECUTE_COMMAND));
      }
    }
  }

  @Test
  public void aConversationAuditsEachLineAndEndsWithTheRole() throws Exception {
    Role[] role = {Role.VIEWER};
    Guest guest =
        new Guest() {
          @Override
          public Principal principal() {
            return new Principal("key", role[0]);
          }

          @Override
          public void ended(String line, int status, String message) {
            told.add(line + ">" + status);
            if (line.startsWith("look 2")) {
              role[0] = Role.OPERATOR;
            }
          }
        };
    String typed = "look 1\rlook | cat\r\u0018\u0005look 2\rwork\r";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Terminal terminal =
        new ExternalTerminal(
            "test",
            "xterm",
            new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
            out,
            StandardCharsets.UTF_8)) {
      shell.converse(guest, terminal);
    }
    assertEquals(List.of("look 1>0", "look | cat>2", "look 2>0"), told);
    assertEquals(List.of("look[1]", "look[2]"), called);
    assertTrue(Files.exists(folder.getRoot().toPath().resolve("histories/key")));
  }
}
