package org.riglab.shell.internal;

import java.util.Collection;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;

/**
 * Options that select ended runs.
 *
 * @param where conditions
 * @param older than this
 * @param keep so many of each network
 * @param dry whether to change nothing
 */
record SelectionOptions(
    @Descriptor("CONDITIONS: only runs that meet these conditions, as in runs --where")
        @Parameter(
            names = {"-W", "--where"},
            absentValue = "")
        String where,
    @Descriptor("DURATION: only runs that ended longer ago, for example 12h or 30d")
        @Parameter(
            names = {"-o", "--older-than"},
            absentValue = "")
        String older,
    @Descriptor("N: excludes the N runs of each network with the highest mIoU")
        @Parameter(
            names = {"-k", "--keep-best"},
            absentValue = "0")
        int keep,
    @Descriptor("only lists the runs")
        @Parameter(
            names = {"-n", "--dry-run"},
            presentValue = "true",
            absentValue = "false")
        boolean dry) {
  /**
   * @param ids of runs; empty to select by the options
   * @return the choice
   */
  RunChoice choice(Collection<Long> ids) {
    return new RunChoice(where, older, keep, ids);
  }
}
