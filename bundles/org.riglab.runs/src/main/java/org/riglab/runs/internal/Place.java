package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A device with a worker.
 *
 * @param name unlike that of every other place: cpu, cpu-2, gpu0, ...
 * @param device as the queue and people call it
 * @param any whether it takes runs that ask for no device
 */
record Place(String name, String device, boolean any) {
  private static final String GPU = "gpu";

  /**
   * @param devices to work on; one that is named twice has two workers
   */
  static List<Place> of(List<String> devices) {
    boolean gpus = devices.stream().anyMatch(device -> device.startsWith(GPU));
    Map<String, Integer> seen = new HashMap<>();
    List<Place> places = new ArrayList<>();
    for (String device : devices) {
      int nth = seen.merge(device, 1, Integer::sum);
      places.add(
          new Place(
              nth == 1 ? device : device + "-" + nth, device, device.startsWith(GPU) || !gpus));
    }
    return places;
  }

  /** The device as the worker's process calls it, which sees no other GPU. */
  String local() {
    return device.startsWith(GPU) ? GPU + "0" : device;
  }

  /**
   * What CUDA shows a worker.
   *
   * @param outer what it shows the server; null for every GPU
   */
  String visible(String outer) {
    if (!device.startsWith(GPU)) {
      return "";
    }
    String number = device.substring(GPU.length());
    if (outer == null || !number.matches("\\d{1,3}")) {
      return number;
    }
    List<String> shown = List.of(outer.split(","));
    int index = Integer.parseInt(number);
    return index < shown.size() ? shown.get(index).strip() : number;
  }
}
