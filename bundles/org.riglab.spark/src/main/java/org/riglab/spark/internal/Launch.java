package org.riglab.spark.internal;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.spark.job.Driver;

/**
 * How a driver is started.
 *
 * @param classPath jars of the distribution that a job needs
 * @param configured properties of Spark, KEY=VALUE each
 * @param shared whether the machines of the cluster read the jars at their paths here
 * @param standard URL of the master where none is named; may be empty
 */
record Launch(List<Path> classPath, List<String> configured, boolean shared, String standard) {
  /** As org.apache.spark.launcher.JavaModuleOptions has them. */
  private static final List<String> OPENED =
      List.of(
          "java.base/java.lang",
          "java.base/java.lang.invoke",
          "java.base/java.lang.reflect",
          "java.base/java.io",
          "java.base/java.net",
          "java.base/java.nio",
          "java.base/java.util",
          "java.base/java.util.concurrent",
          "java.base/java.util.concurrent.atomic",
          "java.base/jdk.internal.ref",
          "java.base/sun.nio.ch",
          "java.base/sun.nio.cs",
          "java.base/sun.security.action",
          "java.base/sun.util.calendar");

  private static final String LOOPBACK = "127.0.0.1";

  Launch {
    classPath = List.copyOf(classPath);
    configured = List.copyOf(configured);
  }

  /** The URL of the master. */
  String master(String typed) {
    return typed.isEmpty() ? standard : typed;
  }

  /**
   * @param master of the cluster
   * @param typed properties of Spark, KEY=VALUE each; the last one of a key counts
   * @return all properties
   * @throws RigException INVALID if one is not KEY=VALUE
   */
  Map<String, String> properties(Master master, List<String> typed) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("spark.app.name", "rig predict");
    properties.put("spark.ui.enabled", "false");
    properties.put("spark.executor.memory", "2g");
    properties.put("spark.executorEnv.OPT_OUT_TRACKING", "true");
    if (master.loopback()) {
      properties.put("spark.driver.host", LOOPBACK);
      properties.put("spark.driver.bindAddress", LOOPBACK);
    }
    List<String> all = new ArrayList<>(configured);
    all.addAll(typed);
    for (String property : all) {
      int equals = property.indexOf('=');
      if (!property.startsWith("spark.") || equals < 0) {
        throw new RigException(
            "'%s' is not a property of Spark; right is for example spark.executor.memory=4g"
                .formatted(property));
      }
      properties.put(property.substring(0, equals), property.substring(equals + 1));
    }
    properties.put("spark.master", master.url());
    // One image at a time and core: that makes the most of a machine.
    properties.putIfAbsent(
        "spark.executorEnv.OMP_NUM_THREADS", properties.getOrDefault("spark.task.cpus", "1"));
    if (shared) {
      properties.put("spark.executor.extraClassPath", joined(File.pathSeparator));
    } else if (!master.local()) {
      properties.put("spark.jars", joined(","));
    }
    return properties;
  }

  private String joined(String separator) {
    return classPath.stream().map(Path::toString).collect(Collectors.joining(separator));
  }

  /**
   * @param spark jars of Spark
   * @param directory of the job
   * @return the driver's command
   */
  List<String> command(Path spark, Path directory) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    OPENED.forEach(name -> words.add("--add-opens=" + name + "=ALL-UNNAMED"));
    words.addAll(
        List.of(
            "-Djdk.reflect.useDirectMethodHandle=false",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Djava.awt.headless=true",
            "-DOPT_OUT_TRACKING=true",
            "-XX:+UseSerialGC",
            "-cp",
            joined(File.pathSeparator) + File.pathSeparator + spark.resolve("*"),
            Driver.class.getName(),
            directory.toString()));
    return words;
  }
}
