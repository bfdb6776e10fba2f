package org.riglab.tensors;

import java.util.List;

/**
 * A float32 tensor on the heap.
 *
 * @param shape sizes, outermost first
 * @param values row by row
 */
@SuppressWarnings("ArrayRecordComponent") // weights: never compared, never copied
public record HostTensor(List<Long> shape, float[] values) {}
