package org.riglab.launcher.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.riglab.api.RigException;

/** A bundle with commands that show what reaches a command and what comes out. */
public final class Probe implements BundleActivator {
  /** A command that Gogo binds by reflection. */
  public static final class Sum {
    /** Adds. */
    public int sum(int a, int b) {
      return a + b;
    }
  }

  /** A component of a bundle that no feature names. */
  public static final class Faulty {
    /** Throws. */
    public Faulty() {
      throw new IllegalStateException("no place for this component");
    }
  }

  @Override
  public void start(BundleContext context) throws BundleException {
    Path plugin = Path.of(context.getProperty("riglab.home"), "plugin.jar");
    if (Files.exists(plugin)) {
      Bundle installed = context.installBundle(plugin.toUri().toString());
      installed.start();
      register(context, "plugin-state", (session, arguments) -> installed.getState());
    }
    register(
        context,
        "viewer",
        "arguments",
        (session, arguments) -> {
          for (Object argument : arguments) {
            System.out.println(argument.getClass().getSimpleName() + " [" + argument + "]");
          }
          return null;
        });
    register(
        context,
        "fail",
        (session, arguments) -> {
          throw new RigException(RigException.Kind.NOT_FOUND, "no such thing: x; there are y, z");
        });
    register(
        context,
        "misuse",
        (session, arguments) -> {
          throw new RigException("--lr must be a number");
        });
    register(
        context,
        "break-down",
        (session, arguments) -> {
          throw new IllegalStateException("first line\nsecond line");
        });
    register(
        context,
        "property",
        (session, arguments) -> context.getProperty(arguments.get(0).toString()));
    register(context, "operator", "work", Probe::work);
    register(context, Sum.class.getName(), "viewer", "sum", new Sum());
  }

  private static void register(BundleContext context, String name, Function command) {
    register(context, Function.class.getName(), "admin", name, command);
  }

  private static void register(BundleContext context, String role, String name, Function command) {
    register(context, Function.class.getName(), role, name, command);
  }

  private static void register(
      BundleContext context, String service, String role, String name, Object command) {
    Hashtable<String, Object> properties = new Hashtable<>();
    properties.put("osgi.command.scope", "rig");
    properties.put("osgi.command.function", name);
    properties.put("riglab.role", role);
    context.registerService(service, command, properties);
  }

  /** Works until it is interrupted, and then saves what it has. */
  private static Object work(CommandSession session, List<Object> arguments) throws IOException {
    System.out.println("working");
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Files.writeString(session.currentDir().resolve(arguments.get(0).toString()), "saved");
      System.out.println("saved");
    }
    return null;
  }

  @Override
  public void stop(BundleContext context) {}
}
