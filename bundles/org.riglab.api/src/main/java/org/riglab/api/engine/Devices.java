package org.riglab.api.engine;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The devices on which this process computes. Does not load the engine; the results do not change
 * during the lifetime of the process. Thread safe.
 */
@ProviderType
public interface Devices {
  /** The name of the CPU as a device. */
  String CPU = "cpu";

  /**
   * @return the engine
   */
  EngineInfo engine();

  /**
   * @return the NVIDIA driver; empty if there is none
   */
  Optional<Driver> driver();

  /**
   * @return the GPUs of this machine that are visible to this process according to {@code
   *     CUDA_VISIBLE_DEVICES}, in CUDA's order, including those that the engine does not support
   */
  List<Gpu> gpus();

  /**
   * @return the devices that runs use, at least one: the GPUs that the engine supports, or {@link
   *     #CPU} if there are none
   */
  List<String> names();

  /**
   * @return the device that {@code auto} selects
   */
  default String auto() {
    return names().get(0);
  }

  /**
   * @return why GPUs of this machine are not used, in one line that names the next command; empty
   *     if all are used
   */
  Optional<String> warning();

  /**
   * The NVIDIA driver.
   *
   * @param version for example 570.124.06; empty if unknown
   * @param cuda newest version of CUDA that it supports, for example 12.8; empty if its library
   *     does not respond
   * @param problem why its library does not respond; empty if it does
   */
  record Driver(String version, String cuda, String problem) {}
}
