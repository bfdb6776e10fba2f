package org.riglab.web.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.Rule;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Plugins;
import org.riglab.api.lab.Run;

/** The page of a lab after some work, in one real browser for all classes of tests. */
public abstract class LabPage {
  static Browser browser;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  TestServer server;

  /** Opens the browser; it ends with the process. */
  @BeforeClass
  public static void open() {
    if (browser == null) {
      browser = new Browser();
      Runtime.getRuntime().addShutdownHook(new Thread(browser::close));
    }
  }

  /** Starts a server and visits it. */
  @Before
  public void start() throws Exception {
    server = new TestServer(folder.getRoot().toPath());
    fill(server);
    browser.visit(server);
  }

  /** Ends the server. */
  @After
  public void stop() throws Exception {
    browser.leave(); // its open connections would keep the server
    server.close();
  }

  /** A lab as it looks after some work. */
  static void fill(TestServer server) throws Exception {
    FakeLab lab = server.lab;
    String[] names = {"base", "rig-mul", "rig-tanh", "rig-add", "broken"};
    for (int r = 0; r < names.length; r++) {
      Run run =
          lab.add(
              names[r],
              r == 4 ? Run.State.FAILED : Run.State.DONE,
              Map.of("lr", 0.01 / (1 + r), "seed", r));
      for (int step = 1; step <= 400; step++) {
        double noise = Math.sin(step * 12.9898 + r * 78.233) * 0.08;
        lab.point(run.id(), "loss", step, 1.8 * Math.exp(-step / (90.0 + 20 * r)) + 0.3 + noise);
        if (step % 40 == 0) {
          for (int t = 1; t <= 2; t++) {
            double miou = (0.45 + 0.05 * r + 0.06 * t) * (1 - Math.exp(-step / 90.0));
            lab.point(run.id(), "mIoU.t" + t, step, miou);
          }
          int c = 0;
          for (var entry : TestServer.CLASSES.entries()) {
            lab.point(
                run.id(),
                "IoU." + entry.name(),
                step,
                (0.9 - 0.13 * c++ + 0.02 * r) * (1 - Math.exp(-step / 80.0)));
          }
        }
      }
    }
    Path evaluated = Files.createDirectories(server.home.resolve(lab.run(2).folder()));
    Files.writeString(evaluated.resolve("evaluation.json"), EVALUATION);
    lab.add("live", Run.State.RUNNING, Map.of());
    for (String name : List.of("wait-a", "wait-b", "wait-c")) {
      lab.add(name, Run.State.QUEUED, Map.of());
    }
    server.plugins.add(
        new Plugins.Plugin(
            "channel-gate",
            "1.0.0",
            "ab".repeat(32),
            "active",
            List.of("gate channel"),
            List.of("network rig")));
    server.plugins.add(
        new Plugins.Plugin(
            "old-gate", "0.9.0", "ef".repeat(32), "does not resolve", List.of(), List.of()));
  }

  private static final String EVALUATION =
      """
      {"step": 400, "dataset": "shapes", "split": "val", "images": 64, "fingerprint": "5f2c",
       "classes": [{"name": "ground", "rgb": 4210752}, {"name": "disc", "rgb": 15113984},
                   {"name": "square", "rgb": 5682409}, {"name": "triangle", "rgb": 40563}],
       "iterations": [
        {"values": {"mIoU": 0.51}, "per_class": {"IoU": [0.9, 0.4, 0.38, "nan"]},
         "confusion": [[900, 40, 30, 30], [60, 500, 240, 0], [50, 300, 450, 0], [0, 0, 0, 0]]},
        {"values": {"mIoU": 0.62}, "per_class": {"IoU": [0.92, 0.55, 0.52, "nan"]},
         "confusion": [[930, 30, 20, 20], [40, 640, 120, 0], [40, 160, 600, 0], [0, 0, 0, 0]]}],
       "cost": {"used": [2, 2, 2], "multiplyAdds": [1.5e9, 4e9], "meanMultiplyAdds": 4e9,
                "milliseconds": [12.5, 31.25]},
       "perImage": [
        {"id": "val-0", "correct": [300, 10, 0, 0], "predicted": [330, 20, 0, 0],
         "labelled": [310, 60, 0, 0]},
        {"id": "val-1", "correct": [300, 300, 0, 0], "predicted": [330, 300, 0, 0],
         "labelled": [310, 330, 0, 0]},
        {"id": "val-2", "correct": [330, 330, 0, 0], "predicted": [330, 330, 0, 0],
         "labelled": [330, 330, 0, 0]}]}
      """;

  /** Adds run 10, an evaluation of the network of run 2. */
  static void evaluation(TestServer server) throws Exception {
    Run run = server.lab.add("rig-mul", Run.State.DONE, Map.of("split", "val"));
    server.lab.replace(server.lab.as(run, Run.Kind.EVAL, List.of(2L)));
    Path folder = Files.createDirectories(server.home.resolve(run.folder()));
    Files.writeString(folder.resolve("evaluation.json"), EVALUATION);
    server.lab.point(run.id(), "mIoU.t1", 0, 0.51);
    server.lab.point(run.id(), "mIoU.t2", 0, 0.62);
  }

  /** Adds a table whose first cell is run 10, while others wait. */
  static void table(TestServer server) throws Exception {
    Path tables = Files.createDirectories(server.home.resolve("tables"));
    Files.writeString(
        tables.resolve("small.json"),
        """
        {"title": "A small table", "baseline": "base", "cells": [
          {"row": "feed-forward", "column": "plain", "network": "base",
           "published": {"mIoU": 57.5},
           "seeds": [{"seed": 0, "network": "base", "train": 2, "eval": 10}]},
          {"row": "feed-forward", "column": "gated", "network": "rig", "published": {"mIoU": 60},
           "seeds": [{"seed": 0, "network": "rig", "train": 6, "eval": 7}]}]}
        """);
  }
}
