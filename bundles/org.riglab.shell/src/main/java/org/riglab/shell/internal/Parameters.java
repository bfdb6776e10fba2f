package org.riglab.shell.internal;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * The parameters of a command's method. A parameter whose type is a record stands for the
 * components of the record, which have the annotations of parameters. Several commands may share
 * such a record.
 */
final class Parameters {
  private Parameters() {}

  /**
   * @param method of a command
   * @return its parameters, components instead of records
   */
  static List<Parameter> of(Method method) {
    List<Parameter> parameters = new ArrayList<>();
    add(method, parameters);
    return parameters;
  }

  private static void add(Executable method, List<Parameter> parameters) {
    for (Parameter parameter : method.getParameters()) {
      if (parameter.getType().isRecord()) {
        add(constructor(parameter.getType()), parameters);
      } else {
        parameters.add(parameter);
      }
    }
  }

  /**
   * @param method of a command
   * @param values one for each of {@link #of}
   * @return the arguments of the method
   * @throws ReflectiveOperationException if a record cannot be made
   */
  static Object[] arguments(Method method, List<Object> values)
      throws ReflectiveOperationException {
    return arguments(method, values.iterator());
  }

  private static Object[] arguments(Executable method, Iterator<Object> values)
      throws ReflectiveOperationException {
    Class<?>[] types = method.getParameterTypes();
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      if (types[i].isRecord()) {
        Constructor<?> constructor = constructor(types[i]);
        arguments[i] = constructor.newInstance(arguments(constructor, values));
      } else {
        arguments[i] = values.next();
      }
    }
    return arguments;
  }

  private static Constructor<?> constructor(Class<?> type) {
    Class<?>[] components =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(components);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("record without a canonical constructor: " + type, e);
    }
  }
}
