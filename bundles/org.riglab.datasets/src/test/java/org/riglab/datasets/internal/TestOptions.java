package org.riglab.datasets.internal;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.riglab.api.Options;

/**
 * Options as a host would give them.
 *
 * @param values by method name; defaults where absent
 */
record TestOptions(Map<String, Object> values) implements Options {
  @Override
  public <T extends Annotation> T as(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) ->
                values.getOrDefault(method.getName(), method.getDefaultValue())));
  }
}
