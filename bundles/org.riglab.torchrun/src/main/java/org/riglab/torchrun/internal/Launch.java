package org.riglab.torchrun.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The command that starts the processes: torchrun on this machine, or through srun on all machines
 * of the SLURM job that this process is in.
 *
 * @param python the program
 * @param folder of the files, the same on all machines
 * @param nodes machines
 * @param perNode processes on each
 * @param address of this machine, for the others
 * @param port where rig listens
 * @param meeting port where the machines meet
 */
record Launch(
    String python, Path folder, int nodes, int perNode, String address, int port, int meeting) {
  static final String SCRIPT = "steps.py";
  static final String TOKEN = "RIGLAB_TOKEN";

  /**
   * @return what is executed on each machine
   */
  List<String> agent() {
    String script = folder.resolve(SCRIPT).toString();
    List<String> words = new ArrayList<>(List.of(python, script, "agent", folder.toString()));
    if (nodes == 1) {
      words.add("--standalone");
    } else {
      words.add("--rdzv-backend=c10d");
      words.add("--rdzv-endpoint=" + address + ":" + meeting);
      words.add("--rdzv-id=" + folder.getParent().getFileName());
    }
    words.add("--nnodes=" + nodes);
    words.add("--nproc-per-node=" + perNode);
    words.addAll(List.of(script, "rank", folder.toString(), address, String.valueOf(port)));
    return words;
  }

  /**
   * @param environment of this process
   * @return whether the machines are those of a SLURM job
   */
  boolean slurm(Map<String, String> environment) {
    return nodes > 1 && environment.containsKey("SLURM_JOB_ID");
  }

  /**
   * @param environment of this process
   * @return what this process executes
   */
  List<String> command(Map<String, String> environment) {
    if (!slurm(environment)) {
      return agent();
    }
    List<String> words =
        new ArrayList<>(
            List.of(
                "srun",
                "--nodes=" + nodes,
                "--ntasks=" + nodes,
                "--ntasks-per-node=1",
                "--kill-on-bad-exit=1",
                "--export=ALL"));
    // A step gets one core per task unless it asks for more.
    String cores = environment.get("SLURM_CPUS_ON_NODE");
    if (cores != null) {
      words.add("--cpus-per-task=" + cores);
    }
    words.addAll(agent());
    return words;
  }

  /**
   * @param token of the run
   * @return what is to be executed on each of the other machines, for a shell
   */
  String elsewhere(String token) {
    return TOKEN
        + "="
        + token
        + " "
        + agent().stream().map(Launch::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /**
   * @param threads that a user asked for; 0 for none
   * @param cores of this machine
   * @return threads of each process
   */
  int threads(int threads, int cores) {
    return threads > 0 ? threads : Math.max(1, cores / perNode);
  }
}
