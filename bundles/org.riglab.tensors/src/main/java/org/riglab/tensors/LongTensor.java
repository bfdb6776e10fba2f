package org.riglab.tensors;

import java.util.List;

/**
 * An int64 tensor on the heap.
 *
 * @param shape sizes, outermost first
 * @param values row by row
 */
@SuppressWarnings("ArrayRecordComponent") // labels: never compared, never copied
public record LongTensor(List<Long> shape, long[] values) {}
