package org.riglab.web.internal;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.Function;

/** An interface of which a test needs a few methods. */
final class Stub {
  private Stub() {}

  /**
   * @param type an interface
   * @param methods by name; any other fails
   * @return an object that has these
   */
  static <T> T of(Class<T> type, Map<String, Function<Object[], Object>> methods) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Function<Object[], Object> body = methods.get(method.getName());
              if (body == null) {
                throw new AssertionError(type.getSimpleName() + "." + method.getName());
              }
              return body.apply(arguments == null ? new Object[0] : arguments);
            }));
  }
}
