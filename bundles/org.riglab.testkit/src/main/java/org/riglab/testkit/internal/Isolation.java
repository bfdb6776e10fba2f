package org.riglab.testkit.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Loads a part's classes and its test's once more, as another version of a plugin would be, and
 * nothing else: the kit, Riglab and the engine are shared.
 */
public final class Isolation extends ClassLoader {
  private static final String KIT = "org.riglab.testkit";

  private final Set<URL> sources = new LinkedHashSet<>();
  private final Set<String> packages = new LinkedHashSet<>();

  private Isolation(Class<?>... types) {
    super(types[0].getClassLoader());
    for (Class<?> type : types) {
      sources.add(source(type));
      packages.add(type.getPackageName());
    }
    // Where everything lies in one place, packages say what belongs to the part.
    if (sources.stream().noneMatch(source(Isolation.class)::equals)) {
      packages.clear();
    }
  }

  private static URL source(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }

  /**
   * Uses a test in a class loader of its own, and drops it.
   *
   * @param test a class with a public constructor without arguments
   * @param part what it checks
   * @param use is given an object of the test's class, which belongs to the new loader
   * @return what becomes of the loader
   */
  public static Survival use(Class<?> test, Class<?> part, Consumer<Object> use)
      throws ReflectiveOperationException {
    ReferenceQueue<ClassLoader> gone = new ReferenceQueue<>();
    Isolation loader = new Isolation(test, part);
    Class<?> again = Class.forName(test.getName(), true, loader);
    use.accept(again.getConstructor().newInstance());
    return new Survival(new WeakReference<>(loader, gone), gone);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> known = findLoadedClass(name);
      if (known == null && own(name)) {
        known = define(name);
      }
      return known == null ? super.loadClass(name, resolve) : known;
    }
  }

  private boolean own(String name) {
    String in = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    if (in.equals(KIT) || in.equals(KIT + ".internal")) {
      return false;
    }
    return packages.isEmpty() || packages.contains(in);
  }

  private Class<?> define(String name) {
    String file = name.replace('.', '/') + ".class";
    URL found = getParent().getResource(file);
    if (found == null || sources.stream().noneMatch(s -> within(found, s))) {
      return null;
    }
    try (InputStream in = found.openStream()) {
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a resource is in a folder or jar. */
  private static boolean within(URL resource, URL source) {
    String place = resource.toString();
    return place.startsWith(source.toString()) || place.startsWith("jar:" + source + "!");
  }
}
