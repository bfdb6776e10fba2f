package org.riglab.shell.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;

/**
 * Options that select where runs are executed.
 *
 * @param on name of a cluster
 * @param partition of the cluster
 * @param gres generic resources
 * @param time limit
 * @param cluster further options of the cluster
 */
record PlacementOptions(
    @Descriptor("CLUSTER: executes it there, for example slurm; local is this machine")
        @Parameter(
            names = {"-o", "--on"},
            absentValue = "")
        Optional<String> on,
    @Descriptor("P: of a cluster")
        @Parameter(
            names = {"-p", "--partition"},
            absentValue = "")
        Optional<String> partition,
    @Descriptor("NAME:N: devices of a job, for example gpu:1")
        @Parameter(
            names = {"-G", "--gres"},
            absentValue = "")
        Optional<String> gres,
    @Descriptor("LIMIT: of a job, as the cluster writes it, for example 4:00:00")
        @Parameter(
            names = {"-t", "--time"},
            absentValue = "")
        Optional<String> time,
    @Descriptor("NAME=VALUE: another option of a cluster, for example account=vision")
        @Parameter(
            names = {"-c", "--cluster"},
            absentValue = "")
        List<String> cluster) {
  /**
   * @return options of a request
   */
  Map<String, Object> options() {
    Map<String, Object> further = new LinkedHashMap<>();
    for (String word : cluster) {
      String[] sides = Submissions.sides(word, "NAME=VALUE");
      further.put(sides[0], sides[1]);
    }
    partition.ifPresent(value -> further.put("partition", value));
    gres.ifPresent(value -> further.put("gres", value));
    time.ifPresent(value -> further.put("time", value));
    Map<String, Object> options = new LinkedHashMap<>();
    on.ifPresent(name -> options.put("on", name));
    if (!further.isEmpty()) {
      options.put("cluster", further);
    }
    return options;
  }
}
