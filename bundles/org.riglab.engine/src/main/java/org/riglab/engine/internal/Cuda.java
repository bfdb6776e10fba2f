package org.riglab.engine.internal;

import java.util.List;
import org.riglab.api.engine.ComputeCapability;

/** What the library of the NVIDIA driver says. */
interface Cuda {
  /**
   * @return what it says about this machine, as far as {@code CUDA_VISIBLE_DEVICES} shows it
   */
  Answer ask();

  /**
   * The answer.
   *
   * @param version newest version of CUDA that it supports, as CUDA numbers it: 12080 for 12.8; 0
   *     where it does not answer
   * @param devices in CUDA's order
   * @param problem why it does not answer; empty where it does
   */
  record Answer(int version, List<Card> devices, String problem) {
    static Answer none(String problem) {
      return new Answer(0, List.of(), problem);
    }
  }

  /**
   * A GPU.
   *
   * @param model its name
   * @param memoryBytes in all
   * @param capability what code it runs
   */
  record Card(String model, long memoryBytes, ComputeCapability capability) {}
}
