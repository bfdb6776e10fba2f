package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.slf4j.Logger;

/** The log of the distribution's configuration. */
public class LogTextTest {
  /** New line, escape, C1, DEL, right-to-left override, line separator, lone surrogate. */
  private static final String HOSTILE =
      "a\nb\r\u001b[2Jc\u009dd\u007fe\u202ef\u2028g\ud800h\ti\u00e9\ud83d\ude00";

  private static final String ESCAPED =
      "a\\u000ab\\u000d\\u001b[2Jc\\u009dd\\u007fe\\u202ef\\u2028g\\ud800h\ti\u00e9\ud83d\ude00";

  @Rule public final TemporaryFolder home = new TemporaryFolder();

  private interface Entry {
    void log(Logger log) throws Exception;
  }

  private List<String> logged(Entry entry) throws Exception {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.putProperty("riglab.home", home.getRoot().toString());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(Path.of("../config/logback.xml").toFile());
    entry.log(context.getLogger("org.riglab.test"));
    context.stop();
    return Files.readAllLines(home.getRoot().toPath().resolve("log/riglab.log"));
  }

  @Test
  public void anEntryIsOneLineThatNoTerminalObeys() throws Exception {
    List<String> lines =
        logged(
            log -> {
              Thread thread = new Thread(() -> log.warn("run '{}' fails", HOSTILE), HOSTILE);
              thread.start();
              thread.join();
            });
    assertEquals(lines.toString(), 1, lines.size());
    assertTrue(
        lines.get(0),
        lines
            .get(0)
            .endsWith(" WARN  [%s] org.riglab.test: run '%s' fails".formatted(ESCAPED, ESCAPED)));
  }

  @Test
  public void theMessagesOfExceptionsAreLines() throws Exception {
    IllegalStateException outer =
        new IllegalStateException(HOSTILE, new IllegalArgumentException("cause " + HOSTILE));
    outer.addSuppressed(new IllegalArgumentException("suppressed " + HOSTILE));
    List<String> lines = logged(log -> log.error("it", outer));
    assertTrue(lines.toString(), lines.contains("java.lang.IllegalStateException: " + ESCAPED));
    assertTrue(
        lines.toString(),
        lines.contains("Caused by: java.lang.IllegalArgumentException: cause " + ESCAPED));
    assertTrue(
        lines.toString(),
        lines.contains("\tSuppressed: java.lang.IllegalArgumentException: suppressed " + ESCAPED));
    for (String line : lines.subList(1, lines.size())) {
      assertTrue(line, line.matches("(Caused by:|java[.]|\t).*"));
    }
  }
}
