package org.riglab.api.engine;

import java.util.Optional;

/**
 * A GPU as the NVIDIA driver describes it.
 *
 * @param device name of the device: gpu0 for the first GPU that is visible to this process
 * @param model for example NVIDIA H200
 * @param memoryBytes total memory; 0 if the driver's library is not available
 * @param capability compute capability; empty if the driver's library is not available
 */
public record Gpu(
    String device, String model, long memoryBytes, Optional<ComputeCapability> capability) {}
