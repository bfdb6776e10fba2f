package org.riglab.runs.internal;

import java.util.Map;
import org.riglab.api.lab.Run;

/**
 * A run with what only its worker needs to know.
 *
 * @param run as it stands
 * @param own whether it makes its network
 * @param weights file in the home that such a network starts from; empty for none
 * @param options as asked for
 * @param crashes processes that died in a row while it ran, without a step between them
 */
record Job(Run run, boolean own, String weights, Map<String, Object> options, int crashes) {}
