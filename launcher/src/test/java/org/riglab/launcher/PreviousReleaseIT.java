package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * A home that release 0.1 wrote ({@code home-0.1.zip}): networks with three classifiers, a recipe,
 * finished, interrupted and queued runs, a token, and a plugin built against the API of 0.1. The
 * expected numbers are what 0.1 printed for a copy of it.
 */
public final class PreviousReleaseIT {
  private static final String DATA = "--dataset shapes:train=32:val=4:test=4:size=48,48";

  /** Relative error; another processor adds up in another order. */
  private static final double ROUNDING = 1e-3;

  @ClassRule public static final TemporaryFolder FOLDER = new TemporaryFolder();
  private static Path home;

  @BeforeClass
  public static void unpack() throws Exception {
    home = FOLDER.newFolder("home").toPath();
    try (InputStream in = PreviousReleaseIT.class.getResourceAsStream("/home-0.1.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = home.resolve(entry.getName()).normalize();
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }

  private static String rig(int status, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ScratchDistribution.built().resolve("bin/rig").toString(),
                "--home",
                home.toString()));
    command.addAll(Arrays.asList(words));
    return Outcome.of(home, command).ended(status);
  }

  private static double number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertTrue(pattern + " is not in " + text, matcher.find());
    return Double.parseDouble(matcher.group(1));
  }

  private static void assertNear(double expected, double actual) {
    assertEquals(expected, actual, ROUNDING * Math.abs(expected));
  }

  @Test(timeout = 600_000)
  public void homeIsReadAndContinued() throws Exception {
    String lists = rig(0, "exec", "networks; runs; recipes; token list; plugin list; run 3; run 5");
    for (String expected :
        List.of("aspp", "base", "cut", "rig", "mine", "operator", "attention-gate")) {
      assertTrue(expected + " is not in " + lists, lists.contains(expected));
    }
    for (String row :
        List.of(
            "(?m)^ *5 +cut +paused +8/80 +0\\.8669 .*",
            "(?m)^ *4 +rig \\(eval\\) +queued .*",
            "(?m)^ *3 +queued in 0\\.1 +queued .*priority 5",
            "(?m)^ *2 +rig +done +4/4 +1\\.0475 +22\\.47 .*",
            "(?m)^ *1 +base +done +6/6 +1\\.8387 +17\\.96 .*")) {
      assertTrue(row + " is not in " + lists, Pattern.compile(row).matcher(lists).find());
    }

    String shown = rig(0, "exec", "show rig; show aspp");
    assertTrue(shown, shown.contains("total 7,768 parameters"));
    assertTrue(shown, shown.contains("mul-tanh"));

    String scores = rig(0, "exec", "eval rig --json --split test " + DATA);
    assertNear(0.3022621653800361, number(scores, "\"mIoU\": ([0-9.]+)"));
    assertNear(0.9067864961401083, number(scores, "\"pAcc\": ([0-9.]+)"));

    // Where 0.1 stopped: the same losses as if it had gone on itself.
    rig(0, "train", "cut", "--resume");
    List<String> steps = Files.readAllLines(home.resolve("runs/cut-1/steps.jsonl"));
    assertEquals(80, steps.size());
    assertNear(0.8669, number(steps.get(7), "\"loss\":([0-9.]+)"));
    assertEquals(0.5550346970558167, number(steps.get(79), "\"loss\":([0-9.]+)"), 0.02);

    String replayed = rig(0, "replay", "2");
    assertTrue(replayed, replayed.contains("mIoU"));

    String trained =
        rig(
            0,
            "exec",
            "train base "
                + DATA
                + " --size 48,48 --batch 4 --recipe mine --steps 2 --val-split none;"
                + " swap rig --gate mul-sigmoid; export rig --output "
                + home.resolve("rig.safetensors"));
    assertTrue(trained, trained.contains("(base-2) finished: 2 steps"));
    assertTrue(Files.size(home.resolve("rig.safetensors")) > 20_000);
  }
}
