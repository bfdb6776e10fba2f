package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import org.apache.felix.service.command.CommandSession;
import org.junit.Test;
import org.riglab.api.RigException;

public class QuestionTest {
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

  private CommandSession session(String typed) {
    ByteArrayInputStream in = new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8));
    return (CommandSession)
        Proxy.newProxyInstance(
            CommandSession.class.getClassLoader(),
            new Class<?>[] {CommandSession.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getKeyboard" -> in;
                  case "getConsole" -> new PrintStream(shown, true, StandardCharsets.UTF_8);
                  case "get" -> "riglab.interactive".equals(arguments[0]) ? true : null;
                  default -> throw new IllegalStateException(method.getName());
                });
  }

  @Test
  public void onlyYesGoesOn() {
    for (String yes : new String[] {"y\n", "YES\r\n", " y \n"}) {
      Question.ask(session(yes), "install a@1");
    }
    assertEquals("install a@1? [y/N] ".repeat(3), shown.toString(StandardCharsets.UTF_8));
    for (String no : new String[] {"\n", "n\n", "", "yesterday\n", "y".repeat(1000)}) {
      RigException e =
          assertThrows(RigException.class, () -> Question.ask(session(no), "install a@1"));
      assertEquals("nothing was done: the answer was not yes", e.getMessage());
    }
  }
}
