package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class WeightAndPixelCommandsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Fakes.FakeEvaluator evaluator = new Fakes.FakeEvaluator();
  private final Fakes.FakeRegistry registry = new Fakes.FakeRegistry();
  private Path directory;
  private Fakes.FakeBench bench;
  private Shell shell;

  @Before
  public void open() {
    directory = folder.getRoot().toPath();
    bench = new Fakes.FakeBench(directory.resolve("home"));
    bench.networks.put("rig", Specs.standard(2, 0));
    shell =
        new Shell(
            directory,
            new WeightsCommand(bench),
            new ImportCommand(bench, registry),
            new DataCommand(evaluator, registry, new Fakes.FakeReport()));
  }

  @After
  public void close() {
    shell.close();
    assertEquals("open leases", 0, registry.open);
  }

  @Test
  public void tensorsAreListed() throws Exception {
    assertEquals(
        """
        format  PyTorch (zip)
        format  pt

        tensor              type     shape          values
        model/conv1.weight  float16  [64, 3, 7, 7]   9,408
        model/bn1.weight    float32  [64]               64
        optimizer/0.step    int64    []                  1
        3 tensors, 9,473 values
        """,
        shell.run("rig:weights show w.pth"));
    assertEquals(
        """
        format  PyTorch (zip)
        format  pt

        tensor              type     shape          values
        model/bn1.weight    float32  [64]               64
        model/conv1.weight  float16  [64, 3, 7, 7]   9,408
        2 tensors, 9,472 values
        """,
        shell.run("rig:weights show w.pth --filter '*.weight' --sort name"));
    assertEquals(
        """
        format  PyTorch (zip)
        format  pt

        group       tensors  types             values
        model/            2  float16, float32   9,472
        optimizer/        1  int64                  1
        3 tensors, 9,473 values
        """,
        shell.run("rig:weights show w.pth --depth 0 --sort size"));
    assertEquals(
        "--sort 'x': allowed are file, name, size", shell.error("rig:weights show w.pth -s x"));
    assertEquals(
        "--depth is -1; it must be 0 or more", shell.error("rig:weights show w.pth -d -1"));
  }

  @Test
  public void tensorsAreJson() throws Exception {
    JsonObject json =
        JsonParser.parseString(shell.run("rig:weights show w.pth --filter 'conv1.*' --json"))
            .getAsJsonObject();
    assertEquals("PyTorch (zip)", json.get("format").getAsString());
    assertEquals(1, json.getAsJsonArray("tensors").size());
    assertEquals(
        "{\"container\":\"model\",\"name\":\"conv1.weight\",\"dtype\":\"float16\","
            + "\"shape\":[64,3,7,7],\"values\":9408}",
        json.getAsJsonArray("tensors").get(0).toString());
  }

  @Test
  public void pixelsAreInTheUnitOfMean() throws Exception {
    assertEquals(
        """
        channel  mean  std
        red       0.5    1
        green     0.2  0.2
        blue      0.1  0.3
        367 images of train, 1,000 pixels
        --channels rgb --pixel-range 1 --mean 0.5,0.2,0.1 --std 1,0.2,0.3
        """,
        shell.run("rig:data pixels toy"));
    String bgr =
        shell.run(
            "rig:data pixels toy --channels bgr --pixel-range 255 --per-image --limit 5 -s val");
    assertEquals(
        "--channels bgr --pixel-range 255 --mean 25,51,127 --std 75,50,250",
        bgr.lines().reduce((a, b) -> b).orElseThrow());
    assertEquals("pixels toy  val 5", evaluator.planned.get(evaluator.planned.size() - 1));
    JsonObject json =
        JsonParser.parseString(shell.run("rig:data pixels toy -c bgr --json")).getAsJsonObject();
    assertEquals("[0.1,0.2,0.5]", json.get("mean").toString());
    assertEquals("bgr", json.get("channels").getAsString());
    assertEquals(
        "--pixel-range is 2; it must be 1 or 255", shell.error("rig:data pixels toy -r 2"));
    assertEquals("--limit is -1; it must be 1 or more", shell.error("rig:data pixels toy -l -1"));
  }

  @Test
  public void anImportTakesNamesOfADataSet() throws Exception {
    Files.writeString(directory.resolve("classes.txt"), "sky\n-\nroad\n");
    shell.run("rig:import rig w.pth --classes-map classes.txt --dataset toy");
    assertEquals(
        "outputs=Optional[Outputs[labels=[1, -1, 0], dropRest=false, classes=Optional["
            + Fakes.CLASSES
            + "]]]]",
        bench.calls.get(0).substring(bench.calls.get(0).indexOf("outputs=")));
    shell.run("rig:import rig w.pth --extra-outputs drop");
    assertEquals(
        "outputs=Optional[Outputs[labels=[], dropRest=true, classes=Optional.empty]]]",
        bench.calls.get(1).substring(bench.calls.get(1).indexOf("outputs=")));
    assertEquals(
        "--data is the directory of --dataset, which is not given",
        shell.error("rig:import rig w.pth --data x"));
    assertEquals(
        "--extra-outputs 'x': allowed are error, drop",
        shell.error("rig:import rig w.pth --extra-outputs x"));
  }
}
