package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.riglab.launcher.Features;

/** What one process installs, the next one has. */
public class RestartIT {
  private static final String PLUGINS = "org.riglab.api.bench.Plugins";
  private static final String REGISTRY = "org.riglab.api.bench.Registry";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** A bench in this JVM; its services are of foreign classes, so they are called by name. */
  private final class Process implements AutoCloseable {
    private final Framework framework;

    Process(String clean) throws Exception {
      Features features = Platform.features();
      Map<String, String> properties = new HashMap<>(features.framework());
      properties.putAll(
          Map.of(
              // Else bundles find slf4j's classes on this JVM's class path too.
              "felix.bootdelegation.implicit",
              "false",
              Constants.FRAMEWORK_STORAGE,
              folder.getRoot() + "/cache",
              Constants.FRAMEWORK_STORAGE_CLEAN,
              clean,
              "riglab.home",
              home().toString()));
      framework =
          ServiceLoader.load(FrameworkFactory.class).iterator().next().newFramework(properties);
      framework.init();
      BundleContext context = framework.getBundleContext();
      List<Bundle> bundles = new ArrayList<>();
      for (Features.Artifact artifact : features.bundles()) {
        Path jar = Platform.jar(artifact);
        Bundle bundle = context.installBundle("reference:" + jar.toUri());
        if (!Platform.fragment(jar)) {
          bundles.add(bundle);
        }
      }
      framework.start();
      for (Bundle bundle : bundles) {
        bundle.start();
      }
    }

    Object call(String service, String method, Object... arguments) throws Exception {
      BundleContext context = framework.getBundleContext();
      var reference = context.getAllServiceReferences(service, null)[0];
      Object object = context.getService(reference);
      var found =
          Arrays.stream(object.getClass().getMethods())
              .filter(m -> m.getName().equals(method) && takes(m, arguments))
              .findFirst()
              .orElseThrow();
      try {
        return found.invoke(object, arguments);
      } catch (InvocationTargetException e) {
        throw (Exception) e.getCause();
      }
    }

    private static boolean takes(Method method, Object... arguments) {
      Class<?>[] types = method.getParameterTypes();
      return !method.isBridge()
          && types.length == arguments.length
          && IntStream.range(0, types.length).allMatch(i -> types[i].isInstance(arguments[i]));
    }

    List<String> itestBundles() {
      return Arrays.stream(framework.getBundleContext().getBundles())
          .filter(b -> b.getSymbolicName().startsWith("itest."))
          .map(b -> b.getSymbolicName() + " " + b.getVersion())
          .toList();
    }

    @Override
    public void close() throws BundleException {
      framework.stop();
      try {
        assertEquals(
            FrameworkEvent.STOPPED, framework.waitForStop(TimeUnit.SECONDS.toMillis(30)).getType());
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Path home() {
    return folder.getRoot().toPath().resolve("home");
  }

  private List<Path> stored() throws Exception {
    try (Stream<Path> files = Files.list(home().resolve("plugins/jars"))) {
      return files.toList();
    }
  }

  private static String digest(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  @Test
  public void pluginsSurviveARestart() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-restart"));
    Path scale = jars.build("scale-1.jar", "itest.scale", "1.0.0", "scale", Map.of());
    Path update = jars.version(scale, "scale-2.jar", "2.0.0");
    Path throwing = jars.build("throwing.jar", "itest.throwing", "1.0.0", "throwing", Map.of());

    try (Process first = new Process("onFirstInit")) {
      first.call(PLUGINS, "install", scale);
      first.call(PLUGINS, "update", update);
    }
    try (Process second = new Process("onFirstInit")) {
      String list = second.call(PLUGINS, "list").toString();
      assertTrue(list, list.contains("name=itest.scale, version=2.0.0") && list.contains("active"));
      assertTrue(second.call(REGISTRY, "parts", "gate").toString().contains("itest-scale"));
      assertEquals(List.of("itest.scale 2.0.0"), second.itestBundles());
    }
    // The same with the framework's own memory of its bundles.
    try (Process third = new Process("none")) {
      assertEquals(List.of("itest.scale 2.0.0"), third.itestBundles());
    }
    assertEquals(2, stored().size());
    Path kept = home().resolve("plugins/jars/" + digest(update) + ".jar");
    byte[] bytes = Files.readAllBytes(kept);
    Files.write(kept, Arrays.copyOf(bytes, bytes.length - 1));
    // As plugins were kept once.
    Path former = home().resolve("plugins/itest.throwing@" + digest(throwing) + ".jar");
    Files.copy(throwing, former);
    try (Process fourth = new Process("onFirstInit")) {
      String list = fourth.call(PLUGINS, "list").toString();
      assertTrue(list, list.contains("is damaged"));
      assertTrue(list, list.contains("no licence for this gate"));
      assertEquals(List.of(), fourth.itestBundles());
      assertFalse(Files.exists(former));
      String gates = fourth.call(REGISTRY, "parts", "gate").toString();
      assertTrue(gates, gates.contains("mul-sigmoid"));
      assertFalse(gates, gates.contains("itest"));
      // A good file puts it right.
      fourth.call(PLUGINS, "update", update);
      assertTrue(fourth.call(REGISTRY, "parts", "gate").toString().contains("itest-scale"));
    }
  }

  @Test
  public void pluginsThatNeedEachOtherStart() throws Exception {
    needEachOther("itest.a", "itest.b");
  }

  /** Plugins are started in the order of their names. */
  @Test
  public void pluginsThatNeedEachOtherStartInTheOtherOrder() throws Exception {
    needEachOther("itest.b", "itest.a");
  }

  private void needEachOther(String left, String right) throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-restart"));
    // A first version needs nothing: otherwise neither of them could be installed first.
    String independent = "org.riglab.itests.plugins.left.LeftGate$Helper,*.WrongShapeGate";
    Path helper =
        jars.build(
            "left-1.jar",
            left,
            "1.0.0",
            "left,org.riglab.itests.plugins.shape",
            Map.of("-dsannotations", independent));
    Path leftJar = jars.build("left-2.jar", left, "2.0.0", "left", Map.of());
    Path rightJar = jars.build("right-1.jar", right, "1.0.0", "right", Map.of());
    try (Process first = new Process("onFirstInit")) {
      first.call(PLUGINS, "install", helper);
      first.call(PLUGINS, "install", rightJar);
      first.call(PLUGINS, "update", leftJar);
    }
    try (Process second = new Process("onFirstInit")) {
      String list = second.call(PLUGINS, "list").toString();
      assertFalse(list, list.contains("out of order"));
      String gates = second.call(REGISTRY, "parts", "gate").toString();
      assertTrue(gates, gates.contains("itest-left") && gates.contains("itest-right"));
    }
    // Without one of them the other does not start either, and says what it waits for.
    Path kept = home().resolve("plugins/jars/" + digest(rightJar) + ".jar");
    Files.write(kept, new byte[] {1});
    try (Process third = new Process("onFirstInit")) {
      String list = third.call(PLUGINS, "list").toString();
      assertTrue(list, list.contains("is damaged"));
      assertTrue(list, list.contains("LeftGate waits for service java.util.function.Supplier"));
      assertEquals(List.of(), third.itestBundles());
    }
  }

  @Test
  public void aPluginWithAComponentThatFailsStarts() throws Exception {
    PluginJars jars = new PluginJars(Path.of("target/plugins-restart"));
    Path faulty = jars.build("faulty.jar", "itest.faulty", "1.0.0", "faulty", Map.of());
    try (Process first = new Process("onFirstInit")) {
      first.call(PLUGINS, "install", faulty);
    }
    try (Process second = new Process("onFirstInit")) {
      assertEquals(List.of("itest.faulty 1.0.0"), second.itestBundles());
      String gates = second.call(REGISTRY, "parts", "gate").toString();
      assertTrue(gates, gates.contains("itest-faulty"));
      String doctor = second.call(PLUGINS, "doctor", "itest.faulty").toString();
      assertTrue(doctor, doctor.contains("no place for this component"));
    }
  }
}
