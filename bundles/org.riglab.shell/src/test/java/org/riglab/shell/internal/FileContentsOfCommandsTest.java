package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Lab;
import org.riglab.base.FileContents;
import org.riglab.search.internal.SearchService;

/** Files that commands are given are shown to their readers only. */
public class FileContentsOfCommandsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path directory;
  private Shell shell;

  /** Refuses what a spec has. */
  private static Lab refusing() {
    return (Lab)
        Proxy.newProxyInstance(
            Lab.class.getClassLoader(),
            new Class<?>[] {Lab.class},
            (proxy, method, arguments) -> {
              throw new RigException("refused: " + arguments[0]);
            });
  }

  @Before
  public void open() {
    directory = folder.getRoot().toPath();
    Fakes.FakeBench bench = new Fakes.FakeBench(directory.resolve("home"));
    Fakes.FakeRegistry registry = new Fakes.FakeRegistry();
    Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
    Lab lab = new QueueLab().lab();
    shell =
        new Shell(
            directory,
            new AblateCommand(bench, bench, trainer, new Fakes.FakeEvaluator(), registry, lab),
            new AssembleCommand(bench, registry),
            new ImportCommand(bench, registry),
            new SearchCommand(new SearchService(bench, bench, trainer, lab), trainer),
            new SubmitCommand(refusing(), trainer));
  }

  @After
  public void close() {
    System.clearProperty(FileContents.PROPERTY);
    shell.close();
  }

  private void hidden(String line, String text) throws Exception {
    Files.writeString(directory.resolve("t.json"), text);
    String message = shell.error(line);
    assertEquals(message, true, message.contains("s3cret"));
    System.setProperty(FileContents.PROPERTY, "true");
    message = shell.error(line);
    assertEquals(message, false, message.contains("s3cret"));
    System.clearProperty(FileContents.PROPERTY);
  }

  @Test
  public void aServerDoesNotShowThem() throws Exception {
    String twice = "{\"s3cret\": 1, \"s3cret\": 2}";
    String unknown = "{\"s3cret\": 1}";
    for (String line :
        new String[] {
          "ablate t.json", "assemble x --spec t.json", "search t.json", "submit --spec t.json x"
        }) {
      hidden(line, twice);
    }
    hidden("ablate t.json", unknown);
    hidden("search t.json", unknown);
    hidden("search t.json", "{\"spec\": {\"classes\": 2}, \"name\": \"s3cret/x\"}");
    hidden("submit --spec t.json x", unknown);
    hidden("import rig w.pth --classes-map t.json", "s3cret\n");
  }
}
