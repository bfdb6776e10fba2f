package org.riglab.launcher;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.felix.cm.json.io.ConfigurationResource;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** Configuration files: JSON resources as the Configurator of the OSGi Compendium reads them. */
final class Configurations {
  /** Homes of version 0.1 configure what was one bundle then. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "org.riglab.lab", "org.riglab.runs",
          "org.riglab.lab.server", "org.riglab.runs.server",
          "org.riglab.lab.plugins", "org.riglab.plugins",
          "org.riglab.lab.inbox", "org.riglab.plugins.inbox");

  private Configurations() {}

  /**
   * Adds the configurations of a folder's {@code *.json}, in the order of their names; a later
   * configuration of the same PID replaces an earlier one. PIDs of version 0.1 stand for those of
   * today.
   *
   * @param directory need not exist
   * @throws StartException with a line for everything that is wrong, each naming the file
   */
  static void read(Path directory, Map<String, Map<String, Object>> into) throws StartException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> list = Files.list(directory)) {
      files = list.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new StartException("cannot read " + directory + ": " + e, e);
    }
    List<String> wrong = new ArrayList<>();
    for (Path file : files) {
      try (Reader reader = Files.newBufferedReader(file)) {
        ConfigurationResource resource =
            org.apache.felix.cm.json.io.Configurations.buildReader()
                .verifyAsBundleResource(true)
                .withIdentifier(file.toString())
                .build(reader)
                .readConfigurationResource();
        for (Map.Entry<String, Hashtable<String, Object>> entry :
            new TreeMap<>(resource.getConfigurations()).entrySet()) {
          String pid = RENAMED.getOrDefault(entry.getKey(), entry.getKey());
          wrong.addAll(ConfigurationKeys.check(file.toString(), pid, entry.getValue()));
          into.put(pid, entry.getValue());
        }
      } catch (IOException e) {
        throw new StartException("configuration file " + file + ": " + e.getMessage(), e);
      }
    }
    if (!wrong.isEmpty()) {
      throw new StartException(String.join("\n", wrong));
    }
  }

  /** Hands configurations to the framework's Configuration Admin. */
  static void apply(ConfigurationAdmin admin, Map<String, Map<String, Object>> configurations)
      throws StartException {
    for (Map.Entry<String, Map<String, Object>> entry : configurations.entrySet()) {
      String pid = entry.getKey();
      int tilde = pid.indexOf('~');
      try {
        Configuration configuration =
            tilde < 0
                ? admin.getConfiguration(pid, "?")
                : admin.getFactoryConfiguration(
                    pid.substring(0, tilde), pid.substring(tilde + 1), "?");
        configuration.update(new Hashtable<>(entry.getValue()));
      } catch (IOException e) {
        throw new StartException("configuration " + pid + ": " + e.getMessage(), e);
      }
    }
  }
}
