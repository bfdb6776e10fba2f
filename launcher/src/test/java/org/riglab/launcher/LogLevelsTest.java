package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The configuration of the product follows what 'log level' writes. */
public class LogLevelsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void aRunningProcessFollows() throws Exception {
    Path home = folder.getRoot().toPath();
    Path levels = Files.createDirectories(home.resolve("config")).resolve("logging.xml");
    Files.writeString(levels, "<included></included>\n");
    FileTime before = FileTime.fromMillis(System.currentTimeMillis() - 60_000);
    Files.setLastModifiedTime(levels, before);
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    try {
      System.setProperty("riglab.home", home.toString()); // as Main does
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(Path.of("../config/logback.xml").toFile());
      Logger logger = context.getLogger("org.thirdparty.gate.Gate");
      assertEquals(Level.INFO, logger.getEffectiveLevel());
      logger.debug("unseen");

      Path made = levels.resolveSibling("new.xml");
      Files.writeString(
          made,
          "<included>\n  <logger name=\"org.thirdparty.gate\" level=\"DEBUG\"/>\n</included>\n");
      Files.move(made, levels, StandardCopyOption.ATOMIC_MOVE);
      Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
      while (logger.getEffectiveLevel() != Level.DEBUG || !root.iteratorForAppenders().hasNext()) {
        assertTrue(
            context.getStatusManager().getCopyOfStatusList().toString(),
            System.nanoTime() - end < 0);
        Thread.sleep(50); // Logback looks every two seconds
      }
      assertEquals(Level.DEBUG, logger.getEffectiveLevel());
      logger.debug("seen");
      logger.info("and seen");
    } finally {
      context.stop(); // it reads the file again as long as it runs
      System.clearProperty("riglab.home");
    }
    String log = Files.readString(home.resolve("log/riglab.log"));
    assertEquals(log, 2, log.lines().count());
    assertTrue(log, log.contains(" DEBUG [main] org.thirdparty.gate.Gate: seen\n"));
  }
}
