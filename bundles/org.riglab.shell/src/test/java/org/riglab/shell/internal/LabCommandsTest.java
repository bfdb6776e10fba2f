package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

public class LabCommandsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeLab lab = new FakeLab();
  private final Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
  private Path directory;
  private Shell shell;

  @Before
  public void open() {
    directory = folder.getRoot().toPath();
    shell =
        new Shell(
            directory,
            new CancelCommand(lab),
            new CompareCommand(lab, new Fakes.FakeBench(directory), new Fakes.FakeEvaluator()),
            new MoveCommand(lab),
            new PauseCommand(lab),
            new PriorityCommand(lab),
            new QueueCommand(lab),
            new ReplayCommand(lab),
            new ResumeCommand(lab),
            new RetryCommand(lab),
            new RunCommand(lab),
            new RunsCommand(lab),
            new StatusCommand(lab),
            new SubmitCommand(lab, trainer),
            new SweepCommand(lab, trainer));
  }

  @After
  public void close() {
    shell.close();
  }

  @Test
  public void submits() throws Exception {
    String out =
        shell.run("submit rig --dataset camvid --data pics --steps 9 -P 3 -a 4,5 -n 'my run'");
    assertEquals("run 1 (run of rig) is queued\n", out);
    Request request = lab.requests.get(0);
    assertEquals(Run.Kind.TRAIN, request.kind());
    assertEquals("rig", request.network());
    assertEquals("my run", request.name());
    assertEquals(
        Map.of("dataset", "camvid", "data", directory.resolve("pics").toString(), "steps", "9"),
        request.options());
    assertEquals(3, request.priority());
    assertEquals(List.of(4L, 5L), request.after());
    assertEquals(Map.of(), request.spec());
    assertEquals(List.of(), lab.calls);
  }

  /** As over SSH: the directory of the server is nobody's. */
  @Test
  public void filesOfRemoteUsersAreConfined() throws Exception {
    java.nio.file.Path files = shell.confine(directory);
    java.nio.file.Files.writeString(directory.resolve("secret.json"), "{");
    java.nio.file.Files.createSymbolicLink(
        java.nio.file.Files.createDirectories(files.resolve("mine")).resolve("out"), directory);
    shell.run("sweep rig --grid recipe=x.json --grid data=pics --coarse y.json -x 0");
    Request request = lab.requests.get(0);
    assertEquals(List.of(files.resolve("x.json").toString()), request.grid().get("recipe"));
    assertEquals(List.of(files.resolve("pics").toString()), request.grid().get("data"));
    assertEquals(files.resolve("y.json").toString(), request.options().get("coarse"));
    for (String line :
        List.of(
            "submit rig --data ..",
            "submit rig --recipe ../secret.json",
            "submit rig --coarse mine/out/secret.json",
            "submit --spec mine/out/secret.json rig",
            "submit rig --data mine/out")) {
      assertTrue(line, shell.error(line).contains("leads elsewhere"));
    }
    shell.run(
        "submit rig --set loss=coarse-to-fine:table=z.json --set dataset=folder:table=t/c.json");
    assertEquals(
        "coarse-to-fine:table=" + files.resolve("z.json"),
        lab.requests.get(1).options().get("loss"));
    assertEquals("folder:table=t/c.json", lab.requests.get(1).options().get("dataset"));
    lab.requests.remove(1);
    for (String part :
        List.of(
            "loss=coarse-to-fine:table=" + directory.resolve("secret.json"),
            "loss=coarse-to-fine:table=mine/out/secret.json",
            "dataset=folder:table=../../secret.json",
            "dataset=voc2012:sbd=" + directory)) {
      assertTrue(part, shell.error("submit rig --set " + part).contains("leads elsewhere"));
    }
    // However an option is spelt.
    for (String option : List.of("DATA=..", "Recipe=../secret.json", "COARSE=../secret.json")) {
      assertTrue(option, shell.error("submit rig --set " + option).contains("leads elsewhere"));
    }
    shell.session().put(NamedFiles.NONE, true);
    assertTrue(shell.error("submit rig --data pics").contains("a viewer may not name files"));
    assertEquals(1, lab.requests.size());
  }

  /** An operator may not execute code as the account of the server. */
  @Test
  public void remoteUsersNameNoProgram() throws Exception {
    java.nio.file.Path files = Files.createDirectories(directory.resolve("files"));
    Files.writeString(files.resolve("python.sh"), "#!/bin/sh\ntouch here\n");
    Files.writeString(files.resolve("python.json"), "{\"python\": \"python.sh\"}");
    Files.writeString(files.resolve("data.json"), "{\"data\": \"/etc\"}");
    Files.writeString(
        files.resolve("loss.json"),
        "{\"loss\": {\"name\": \"coarse-to-fine\", \"table\": \"../secret.json\"}}");
    Files.writeString(files.resolve("good.json"), "{\"about\": \"a/b\", \"lr\": 0.1}");
    shell.run("submit rig --set python=/opt/venv/bin/python"); // a local user may
    assertEquals(1, lab.requests.size());
    shell.confine(directory);
    for (String line :
        List.of(
            "submit rig --set python=python.sh",
            "submit rig --set PYTHON=python3",
            "sweep rig --grid python=auto/python3 -x 0",
            "submit rig --recipe python.json")) {
      assertTrue(line, shell.error(line).contains("option 'python' is for local users"));
    }
    for (String line : List.of("submit rig --recipe data.json", "submit rig --recipe loss.json")) {
      assertTrue(line, shell.error(line).contains("leads elsewhere"));
    }
    assertEquals(1, lab.requests.size());
    shell.run("submit rig --set python=auto --recipe good.json");
    assertEquals("auto", lab.requests.get(1).options().get("python"));
  }

  @Test
  public void submitsEvaluationsAndSpecs() throws Exception {
    Files.writeString(directory.resolve("net.json"), "{\"classes\": 3}");
    shell.run("submit --eval rig --set split=test --set limit=8");
    assertEquals(Run.Kind.EVAL, lab.requests.get(0).kind());
    assertEquals(Map.of("split", "test", "limit", "8"), lab.requests.get(0).options());
    shell.run("submit --spec net.json new");
    assertEquals(Map.of("classes", 3L), lab.requests.get(1).spec());
    assertTrue(shell.error("submit rig --set split").startsWith("'split' is not OPTION=VALUE"));
    assertTrue(shell.error("submit rig --after 1,x").startsWith("'x' is not a whole number"));
    assertEquals(
        "there is no file " + directory.resolve("none.json"),
        shell.error("submit --spec none.json new"));
    assertEquals("--limit must be 0 or more, not -1", shell.error("runs --limit -1"));
    assertTrue(shell.error("submit").contains("NETWORK is missing"));
  }

  @Test
  public void waits() throws Exception {
    String out = shell.run("submit --wait rig");
    assertEquals("run 1 running\n", out.lines().findFirst().orElse("") + "\n");
    assertTrue(
        out, out.contains("10/40 loss 0.1250") && out.contains("run 1 (run of rig) is done"));
    lab.end = Run.State.FAILED;
    assertEquals("run 1 is failed: out of luck", shell.error("submit --wait rig"));
    assertEquals(List.of("await 1", "await 1"), lab.calls);
    for (String line : List.of("submit --wait rig", "submit --wait --json rig", "replay 1")) {
      assertEquals(line, RigException.Kind.OUT_OF_MEMORY, shell.failure(line).kind());
    }
  }

  @Test
  public void sweeps() throws Exception {
    shell.run("sweep rig --grid lr=0.1/0.01 --grid network.gate=mul:init=open/add -x 0,1");
    Request request = lab.requests.get(0);
    assertEquals(
        Map.of("lr", List.of("0.1", "0.01"), "network.gate", List.of("mul:init=open", "add")),
        request.grid());
    assertEquals(List.of(0L, 1L), request.seeds());
    assertTrue(shell.error("sweep rig").startsWith("a sweep requires --grid"));
    assertTrue(shell.error("sweep rig --grid lr=1 --grid lr=2").contains("twice"));
  }

  @Test
  public void tagsNotesDeletesAndArchives() throws Exception {
    shell.run("runs tag paper,-draft 1 2");
    assertEquals(List.of("tag 1 [paper] [draft]", "tag 2 [paper] [draft]"), lab.calls);
    lab.calls.clear();
    shell.run("runs note 1 the 'good one'");
    shell.run("runs restore 2");
    assertEquals(List.of("note 1 the good one", "restore [2]"), lab.calls);
    assertEquals("2 runs deleted, 3.0 MiB freed\n", shell.run("runs delete 1 2"));
    assertEquals("1 run archived, 3.0 MiB freed\n", shell.run("runs archive 2"));
    lab.calls.clear();
    shell.run("runs delete --where tag!=paper --older-than 30d");
    assertTrue(
        lab.calls.toString(),
        lab.calls
            .toString()
            .contains("where=state=done,failed,cancelled and tag!=paper and age>30d"));
    assertEquals("delete [2, 1]", lab.calls.get(lab.calls.size() - 1));
    lab.calls.clear();
    assertEquals(
        "both are the best of their network", "no such runs\n", shell.run("runs archive -k 2"));
    assertTrue(lab.calls.get(0), lab.calls.get(0).contains("where=kind=train, sort=[-mIoU]"));
    assertTrue(shell.run("runs archive -k 1 --dry-run").contains("1 run would be archived"));
    assertFalse(lab.calls.toString(), lab.calls.toString().contains("archive"));
    assertTrue(shell.error("runs delete").startsWith("no runs selected; use ids"));
    assertTrue(shell.error("runs delete 1 --keep-best 2").startsWith("use either ids or --where"));
    lab.calls.clear();
    shell.run("runs tag x [1 2]");
    assertEquals("a list is its elements", List.of("tag 1 [x] []", "tag 2 [x] []"), lab.calls);
    assertTrue(shell.run("runs --help").contains("rig runs delete [IDS...] [OPTION...]"));
    assertTrue(shell.error("runs delet 1").startsWith("'delet' is an unexpected argument"));
  }

  @Test
  public void tablesAreAsWideAsTheTerminal() throws Exception {
    shell.session().put("riglab.interactive", true);
    shell.session().put("riglab.columns", (IntSupplier) () -> 60);
    for (String line : List.of("runs", "runs --columns id,name,state,mIoU,loss,device,time,note")) {
      String table = shell.run(line);
      assertTrue(table, table.lines().allMatch(l -> l.length() <= 60));
      assertTrue(table, table.contains("running"));
    }
  }

  @Test
  public void lists() throws IOException, Exception {
    String table = shell.run("runs");
    assertTrue(table, table.contains("10/40"));
    assertTrue(table, table.contains("0.1250"));
    assertTrue("the last iteration's", table.contains("50.00"));
    assertTrue(table, table.contains("! no step for 12 minutes"));
    assertTrue(table, table.contains("after 1"));
    assertTrue(table, table.contains("2 of 3 runs; --limit, --offset and --filter show others"));
    shell.run("runs --state failed,done --filter x --sweep 3 --limit 7");
    String call = lab.calls.get(lab.calls.size() - 1);
    assertTrue(call, call.contains("text=x, sweep=3, offset=0, limit=7"));
    assertTrue(call, call.contains("FAILED") && call.contains("DONE"));
    shell.run("runs --where 'network.gate=mul and mIoU>40' --sort -mIoU,lr --offset 5");
    call = lab.calls.get(lab.calls.size() - 1);
    assertTrue(call, call.contains("offset=5, limit=50, where=network.gate=mul and mIoU>40"));
    assertTrue(call, call.contains("sort=[-mIoU, lr]"));
    String columns = shell.run("runs --columns id,state,mIoU,mIoU.t1,loss,lr,seconds,tag,gone");
    assertTrue(
        columns, columns.contains("id  state     mIoU  mIoU.t1    loss   lr  seconds  tag  gone"));
    assertTrue(
        columns, columns.contains(" 1  running  50.00    25.00  0.1250  0.5  1m15s            -"));
    assertEquals("id\nmIoU\nspec.lr\n", shell.run("runs --fields"));
    assertEquals("--offset must be 0 or more, not -1", shell.error("runs --offset -1"));
    assertTrue(shell.error("runs --state gone").startsWith("'gone' is not a state"));
    var json = JsonParser.parseString(shell.run("runs --json")).getAsJsonObject();
    assertEquals(3, json.get("total").getAsLong());
    assertEquals(
        "running", json.getAsJsonArray("runs").get(1).getAsJsonObject().get("state").getAsString());
    String queue = shell.run("queue");
    assertTrue(queue, queue.contains("no server executes the queue"));
    assertTrue("what runs comes first", queue.indexOf("running") < queue.indexOf("queued"));
  }

  @Test
  public void showsARun() throws Exception {
    String out = shell.run("run 1");
    assertTrue(out, out.contains("warning   no step for 12 minutes"));
    assertTrue(out, out.contains("part      gate mul: gates 0.1.0 ff"));
    assertTrue(out, out.contains("10/40, 5.5 images/s, 1m05s left"));
    assertTrue(out, out.contains("state running on cpu"));
    assertTrue("classes are left to --json", !out.contains("IoU.sky"));
    assertTrue(out, out.contains("\u2588\u2581"));
    String curve = shell.run("run 1 --metric loss");
    assertTrue(curve, curve.contains("1.00e-05"));
    assertEquals(
        "run 1 has no metric 'los'; it has IoU.sky, loss", shell.error("run 1 --metric los"));
    assertEquals(
        100,
        JsonParser.parseString(shell.run("run 1 --metric loss --json"))
            .getAsJsonObject()
            .get("total")
            .getAsLong());
    assertEquals("there is no run 9", shell.error("run 9"));
  }

  @Test
  public void orders() throws Exception {
    shell.run("pause 1 2");
    shell.run("resume 1");
    shell.run("cancel 2");
    shell.run("retry 2");
    shell.run("priority 1 -5");
    shell.run("move 2 --before 1");
    shell.run("move 2");
    assertEquals(
        List.of(
            "pause 1",
            "pause 2",
            "resume 1",
            "cancel 2",
            "retry 2",
            "priority -5 1",
            "before 1 2",
            "before 0 2"),
        lab.calls);
  }

  @Test
  public void replaysAndCompares() throws Exception {
    String out = shell.run("replay 1");
    assertEquals(List.of("replay 1", "await 1", "compare 1 1"), lab.calls);
    assertTrue(out, out.contains("lr: 0.1 | 0.2"));
    assertTrue(out, out.contains("the data differ"));
    String loss = out.lines().filter(line -> line.startsWith("loss")).findFirst().orElseThrow();
    assertTrue(loss, loss.matches("loss +0.1250 +0.1250 +40 +0 +0"));
    lab.end = Run.State.PAUSED;
    assertEquals("the replay, run 1, is paused", shell.error("replay 1"));
    assertEquals(RigException.Kind.PART_FAILED, shell.failure("replay 1").kind());
    shell.run("replay --queue 2");
    assertEquals("replay 2", lab.calls.get(lab.calls.size() - 1));
  }

  @Test
  public void showsHowTheLabIs() throws Exception {
    String out = shell.run("status");
    assertTrue(out, out.startsWith("no server executes the queue\ngpu0: run 5\n"));
    assertTrue(out, out.contains("disk   warn    3 MiB free"));
    assertTrue(out, out.contains("done: 3"));
  }
}
