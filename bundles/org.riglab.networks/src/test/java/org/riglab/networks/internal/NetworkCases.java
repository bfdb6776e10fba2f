package org.riglab.networks.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The cases of {@code networks.txt}, which {@code networks.py} wrote. */
public final class NetworkCases {
  private NetworkCases() {}

  /** Per case: its head, the spec, the losses, a line per tensor. */
  public static List<List<String>> all() throws IOException {
    List<List<String>> cases = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                NetworkCases.class.getResourceAsStream("networks.txt"),
                StandardCharsets.US_ASCII))) {
      for (String line : reader.lines().filter(line -> !line.isEmpty()).toList()) {
        if (line.startsWith("case ")) {
          cases.add(new ArrayList<>());
        }
        cases.get(cases.size() - 1).add(line);
      }
    }
    return cases;
  }
}
