package org.riglab.api.engine;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The devices on which this process computes. Answers without loading the engine; the answers hold
 * for the life of the process. Thread safe.
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
   * @return the NVIDIA driver; empty where there is none
   */
  Optional<Driver> driver();

  /**
   * @return the GPUs of this machine that {@code CUDA_VISIBLE_DEVICES} shows to this process, in
   *     CUDA's order, whether or not the engine can use them
   */
  List<Gpu> gpus();

  /**
   * @return the devices that runs use, at least one: those GPUs that the engine has code for, or
   *     {@link #CPU} where it has none
   */
  List<String> names();

  /**
   * @return what the device {@code auto} stands for
   */
  default String auto() {
    return names().get(0);
  }

  /**
   * @return why GPUs of this machine stay unused, in one line that names the next command; empty if
   *     none do
   */
  Optional<String> warning();

  /**
   * The NVIDIA driver.
   *
   * @param version for example 570.124.06; empty where the system does not say
   * @param cuda newest version of CUDA that it supports, for example 12.8; empty where its library
   *     does not answer
   * @param problem why its library does not answer; empty where it does
   */
  record Driver(String version, String cuda, String problem) {}
}
