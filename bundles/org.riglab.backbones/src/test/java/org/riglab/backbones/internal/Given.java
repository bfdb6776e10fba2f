package org.riglab.backbones.internal;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.riglab.api.Options;

/** Options without a registry. */
final class Given {
  private Given() {}

  /** Values by member name; the others have their defaults. */
  static Options options(Map<String, ?> values) {
    return new Options() {
      @Override
      public <T extends Annotation> T as(Class<T> type) {
        return type.cast(
            Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) ->
                    values.containsKey(method.getName())
                        ? values.get(method.getName())
                        : method.getDefaultValue()));
      }
    };
  }
}
