package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class ConfigurationsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Map<String, Map<String, Object>> read(String pid, String values) throws Exception {
    Path file = folder.getRoot().toPath().resolve("lab.json");
    Files.writeString(
        file, "{\":configurator:resource-version\": 1, \"%s\": %s}".formatted(pid, values));
    Map<String, Map<String, Object>> read = new LinkedHashMap<>();
    Configurations.read(folder.getRoot().toPath(), read);
    return read;
  }

  private void refused(String pid, String values, String message) {
    String said = assertThrows(StartException.class, () -> read(pid, values)).getMessage();
    assertEquals(folder.getRoot() + "/lab.json: " + message, said);
  }

  @Test
  public void aWrongValueNamesFileKeyAndWhatIsAllowed() {
    refused(
        "org.riglab.runs",
        "{\"min.free.disk\": \"abc\"}",
        "min.free.disk of org.riglab.runs is 'abc'; it must be a whole number from 0 to"
            + " 1099511627776");
    // As homes of version 0.1 name it.
    refused(
        "org.riglab.lab",
        "{\"crash.limit\": 0}",
        "crash.limit of org.riglab.runs is '0'; it must be a whole number from 1 to 1000000");
    refused(
        "org.riglab.runs",
        "{\"grace.seconds\": 1.5}",
        "grace.seconds of org.riglab.runs is '1.5'; it must be a whole number from 0 to 86400");
    refused(
        "org.riglab.runs",
        "{\"stall.minutes\": true}",
        "stall.minutes of org.riglab.runs is 'true'; it must be a number from 0");
    refused(
        "org.riglab.runs",
        "{\"devices\": [\"gpu0\", \"tpu\"]}",
        "devices of org.riglab.runs is '[gpu0, tpu]'; it must be a list of cpu, gpu0, gpu1, ...");
    refused(
        "org.riglab.plugins",
        "{\"trust\": \"on\"}",
        "trust of org.riglab.plugins is 'on'; it must be one of off, digests, certificates");
    refused(
        "org.riglab.ssh",
        "{\"enabled\": \"maybe\"}",
        "enabled of org.riglab.ssh is 'maybe'; it must be true or false");
    refused(
        "org.riglab.ssh",
        "{\"port\": 70000}",
        "port of org.riglab.ssh is '70000'; it must be a whole number from 0 to 65535");
    refused(
        "org.riglab.web",
        "{\"hosts\": [1, 2]}",
        "hosts of org.riglab.web is '[1, 2]'; it must be a list of texts");
  }

  @Test
  public void anUnknownKeyIsRefusedAndTheSimilarOneNamed() {
    refused(
        "org.riglab.ssh",
        "{\"enabled\": true, \"adress\": \"127.0.0.1\"}",
        "org.riglab.ssh: 'adress' is unknown; there are address, enabled, idle, idle.minutes,"
            + " max.sessions, max.tries, port; the most similar is address");
    // Components compare upper and lower case.
    refused(
        "org.riglab.web",
        "{\"Hosts\": []}",
        "org.riglab.web: 'Hosts' is unknown; there are data, hosts, proxies; the most similar is"
            + " hosts");
    refused(
        "org.riglab.web",
        "{\"certificate\": \"x\"}",
        "org.riglab.web: 'certificate' is unknown; there are data, hosts, proxies");
    refused(
        "org.riglab.runs.server",
        "{\"devices\": [\"cpu\"]}",
        "org.riglab.runs.server: 'devices' is unknown; it has no keys");
    refused(
        "org.apache.felix.http",
        "{\"org.osgi.service.http.prot\": 8443}",
        "org.apache.felix.http: 'org.osgi.service.http.prot' is unknown; there are"
            + " org.osgi.service.http.port and 87 others; the most similar is"
            + " org.osgi.service.http.port");
  }

  @Test
  public void everyWrongLineIsSaidAtOnce() {
    String said =
        assertThrows(
                StartException.class,
                () -> read("org.riglab.plugins", "{\"trsut\": \"digests\", \"max.size\": 0}"))
            .getMessage();
    String file = folder.getRoot() + "/lab.json: ";
    assertEquals(
        file
            + "max.size of org.riglab.plugins is '0'; it must be a whole number from 1 to 1048576\n"
            + file
            + "org.riglab.plugins: 'trsut' is unknown; there are catalogues, certificates, digests,"
            + " max.size, repositories, trust; the most similar is trust",
        said);
  }

  @Test
  public void everyFileAndConfigurationIsChecked() throws Exception {
    Files.writeString(
        folder.getRoot().toPath().resolve("a.json"),
        "{\":configurator:resource-version\": 1, \"org.riglab.web\": {\"hots\": []},"
            + " \"org.riglab.ssh\": {\"port\": -1}}");
    String said =
        assertThrows(StartException.class, () -> read("org.riglab.web", "{\"host\": []}"))
            .getMessage();
    String keys = "is unknown; there are data, hosts, proxies; the most similar is hosts";
    assertEquals(
        List.of(
            folder.getRoot()
                + "/a.json: port of org.riglab.ssh is '-1'; it must be a whole number from 0 to"
                + " 65535",
            folder.getRoot() + "/a.json: org.riglab.web: 'hots' " + keys,
            folder.getRoot() + "/lab.json: org.riglab.web: 'host' " + keys),
        said.lines().toList());
  }

  @Test
  public void anUnknownConfigurationOfRiglabIsRefused() {
    String said =
        assertThrows(StartException.class, () -> read("org.riglab.rnus", "{}")).getMessage();
    assertTrue(
        said,
        said.startsWith(
            folder.getRoot()
                + "/lab.json: configuration 'org.riglab.rnus' is unknown; there are"
                + " org.apache.felix.http, org.riglab.engine, "));
    assertTrue(said, said.endsWith("; the most similar is org.riglab.runs"));
    said = assertThrows(StartException.class, () -> read("org.riglab.cache", "{}")).getMessage();
    assertTrue(said, said.contains("configuration 'org.riglab.cache' is unknown; there are"));
    said = assertThrows(StartException.class, () -> read("org.riglap.ssh", "{}")).getMessage();
    assertTrue(said, said.endsWith("; the most similar is org.riglab.ssh"));
  }

  @Test
  public void typedKeysAndThoseOfPluginsPass() throws Exception {
    read("org.riglab.web", "{\"hosts:String[]\": [\"lab\"]}");
    read("com.example.plugin", "{\"anything\": 1}");
    read("org.apache.felix.http", "{\"org.apache.felix.http.runtime.init.room\": \"3\"}");
    read("org.apache.felix.http", "{\"org.apache.felix.https.keystore.password\": \"secret\"}");
  }

  /** Every key that the reference lists, by PID. */
  private static Map<String, Set<String>> documented() throws Exception {
    Map<String, Set<String>> keys = new TreeMap<>();
    String pid = "";
    for (String line : Files.readAllLines(Path.of("../docs/reference/configuration.md"))) {
      if (line.startsWith("## ")) {
        pid = line.substring(3);
      } else if (pid.startsWith("org.riglab.") && line.startsWith("| `")) {
        Matcher key = Pattern.compile("`([a-z.]+)`").matcher(line.split("[|]")[1]);
        while (key.find()) {
          keys.computeIfAbsent(pid, p -> new TreeSet<>()).add(key.group(1));
        }
      }
    }
    keys.put("org.riglab.tensorboard", Set.of("directory"));
    keys.put("org.riglab.mlflow", Set.of("uri", "experiment", "token"));
    keys.put(
        "org.apache.felix.http",
        Set.of("org.osgi.service.http.port", "org.apache.felix.http.host"));
    return keys;
  }

  @Test
  public void everyKeyOfTheReferenceIsChecked() throws Exception {
    Map<String, Set<String>> documented = documented();
    assertEquals(11, documented.size());
    assertTrue(documented.toString(), documented.get("org.riglab.runs").size() >= 18);
    for (Map.Entry<String, Set<String>> configuration : documented.entrySet()) {
      String pid = configuration.getKey();
      for (String key : configuration.getValue()) {
        List<String> messages = new ArrayList<>();
        // No kind of value takes all of these.
        for (String wrong : List.of("\"x y\"", "-7.5", "[-7.5]", "[\"x y\", 1]")) {
          try {
            read(pid, "{\"%s\": %s}".formatted(key, wrong));
          } catch (StartException e) {
            messages.add(e.getMessage());
          }
        }
        assertTrue(pid + " " + key + " takes everything", messages.size() > 1);
        for (String message : messages) {
          String start = folder.getRoot() + "/lab.json: " + key + " of " + pid + " is '";
          assertTrue(message, message.startsWith(start));
          assertTrue(message, message.matches("(?s).*'; it must be \\S.*"));
        }
      }
    }
  }

  @Test
  public void rightValuesPass() throws Exception {
    assertEquals(
        8122L,
        ((Number)
                read("org.riglab.ssh", "{\"enabled\": false, \"port\": 8122, \"idle\": \"15m\"}")
                    .get("org.riglab.ssh")
                    .get("port"))
            .longValue());
    read("org.riglab.runs", "{\"devices\": [\"cpu\", \"gpu1\"], \"step.minutes\": 0.5}");
    read("org.riglab.runs", "{\"devices\": [], \"min.free.disk\": \"2048\"}");
    read("org.riglab.web", "{\"hosts\": \"lab.example.org\"}");
    read("org.riglab.mlflow", "{\"uri\": \"http://127.0.0.1:5000\", \"token\": \"\"}");
    read("org.riglab.slurm", "{\"defaults\": [\"partition=gpu\", \"gres=gpu:1\"]}");
    read("org.riglab.engine", "{\"build\": \"cuda\", \"architectures\": [\"8.0\"]}");
    read("org.apache.felix.http", "{\"org.osgi.service.http.port\": \"8090\"}");
    read("org.example.other", "{\"min.free.disk\": \"abc\"}");
  }
}
