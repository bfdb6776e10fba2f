package org.riglab.api.engine;

import java.util.Optional;

/**
 * A GPU as the NVIDIA driver describes it.
 *
 * @param device name of the device: gpu0 for the first that CUDA shows to this process
 * @param model for example NVIDIA H200
 * @param memoryBytes in all; 0 where the driver's library is not available
 * @param capability empty where the driver's library is not available
 */
public record Gpu(
    String device, String model, long memoryBytes, Optional<ComputeCapability> capability) {}
