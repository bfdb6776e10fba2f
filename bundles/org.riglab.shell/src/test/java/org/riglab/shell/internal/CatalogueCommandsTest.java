package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class CatalogueCommandsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Shell shell;

  @Before
  public void open() throws Exception {
    Path directory = folder.getRoot().toPath();
    shell =
        new Shell(
            directory,
            new PluginCommand(
                new Fakes.FakePlugins(),
                new FakeCatalogue(),
                new FakeLab(),
                new Fakes.FakeTemplates(),
                new Fakes.FakeChecks(),
                new Fakes.FakeBench(directory.resolve("home")),
                new Fakes.FakeTrainer(),
                new Fakes.FakeEvaluator()));
  }

  @After
  public void close() {
    shell.close();
  }

  @Test
  public void looksIntoCatalogues() throws Exception {
    String found = shell.run("rig:plugin search gate");
    assertTrue(found, found.contains("com.example.gate  2.0.0 (does not fit)"));
    assertEquals(found, shell.run("rig:plugin search"));
    assertTrue(found, found.contains("gate example  a gate\n"));
    String shown = shell.run("rig:plugin show com.example.gate@2.0.0");
    assertTrue(shown, shown.contains("  parts      gate example: scales\n"));
    assertTrue(shown, shown.contains("  options    gate example: limit=2.0 (double)\n"));
    assertTrue(shown, shown.contains("  licence    Apache-2.0\n"));
    assertTrue(shown, shown.contains("  needs      org.riglab.api [2.0.0,3.0.0)\n"));
    assertTrue(shown, shown.contains("  fits       no: package org.nobody, which no bundle"));
    assertTrue(shown, shown.contains("  sha-256    " + "ab".repeat(32) + "\n"));
  }

  @Test
  public void updatesWhatIsOutdated() throws Exception {
    shell.run("rig:plugin install gate.jar");
    assertTrue(shell.run("rig:plugin outdated").contains("com.example.gate  2.0.0"));
    String updated = shell.run("rig:plugin update --all --yes");
    assertTrue(updated, updated.contains("\nupdated com.example.gate "));
    assertEquals("update takes one plugin, or --all", first(shell.error("rig:plugin update")));
    assertEquals(
        "update takes one plugin, or --all", first(shell.error("rig:plugin update --all a.jar")));
  }

  @Test
  public void showsThePlanAndAsks() throws Exception {
    String refused = shell.error("rig:plugin install com.example.gate");
    assertEquals(
        "nothing was done: there is no terminal to confirm 'install com.example.library@1.2.0,"
            + " com.example.gate@2.0.0'; --yes confirms it",
        first(refused));
    String installed = shell.run("rig:plugin install com.example.gate --yes");
    assertTrue(
        installed,
        installed.contains(
            "com.example.library  1.2.0            -  library       MIT         no         99\n"));
    assertTrue(installed, installed.contains("\ninstalled com.example.gate "));
    // nobody is asked about a file
    assertTrue(shell.run("rig:plugin install gate.jar").startsWith("installed "));
  }

  @Test
  public void publishesALibraryUnchecked() throws Exception {
    assertEquals(
        "published com.example.gate 2.0.0 as file:/catalogue/com.example.gate-2.0.0.jar\n",
        shell.run("rig:plugin publish library.jar --to catalogue"));
  }

  @Test
  public void publishesWhatIsChecked() throws Exception {
    assertEquals("publish needs --to FOLDER", first(shell.error("rig:plugin publish gate.jar")));
    String published = shell.run("rig:plugin publish gate.jar --to catalogue");
    assertTrue(
        published,
        published.endsWith(
            "published com.example.gate 2.0.0 as file:/catalogue/com.example.gate-2.0.0.jar\n"));
  }

  private static String first(String text) {
    return text.lines().findFirst().orElse("").replaceFirst("; see .*", "");
  }
}
