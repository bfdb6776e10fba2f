package org.riglab.runs.internal;

import java.util.List;
import java.util.Map;
import org.riglab.api.lab.Run;

/**
 * A run as it is submitted.
 *
 * @param own whether the run makes its network
 * @param weights file in the home that such a network starts from; empty for none
 * @param options as asked for
 * @param after ids of runs that must be done first
 * @param replayOf id of the run that is repeated; 0 for none
 */
record Draft(
    String name,
    Run.Kind kind,
    String network,
    boolean own,
    String weights,
    Map<String, Object> networkSpec,
    Map<String, Object> options,
    long seed,
    int priority,
    List<Long> after,
    String device,
    long replayOf) {}
