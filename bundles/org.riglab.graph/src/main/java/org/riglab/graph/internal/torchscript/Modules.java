package org.riglab.graph.internal.torchscript;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.riglab.nn.script.Archive;
import org.riglab.nn.script.Method;

/** Loaded modules by their code: the ones used last stay, up to a number. Thread safe. */
final class Modules implements AutoCloseable {
  /** The name that makes an array a member of the list of parameters. */
  static final String LIST = "p[]";

  private static final int MOST = 64;

  private final Map<Key, Module> modules = new LinkedHashMap<>(16, 0.75f, true);

  private boolean closed;

  /**
   * A list of arrays as an argument.
   *
   * @param name in the code
   * @param arrays in the list
   */
  record Arrays(String name, PtNDArray... arrays) {}

  private record Key(List<String> lists, String code, Device device) {}

  /** A loaded module and how many threads are in it. */
  private static final class Module {
    final NDManager manager;
    final PtSymbolBlock block;
    int users;

    Module(NDManager manager, PtSymbolBlock block) {
      this.manager = manager;
      this.block = block;
    }
  }

  /**
   * Runs a pass that the engine records, if the thread's grad mode is on.
   *
   * @param code lines of a method of {@code image} and, where there are more inputs, the list
   *     {@code p}
   * @param device where to run
   * @param inputs image, and what is in the list, named {@link #LIST}
   * @return the results, attached to the image's manager
   */
  NDList run(String code, Device device, NDList inputs) {
    return within(
        new Key(inputs.size() > 1 ? List.of("p") : List.of(), code, device),
        module -> IValueUtils.forward(module.block, inputs, true));
  }

  /**
   * Runs something without gradients.
   *
   * @param code lines of a method of {@code image} and lists
   * @param image the first argument; its manager gets the results
   * @param lists the other arguments
   * @return the results
   */
  NDList run(String code, PtNDArray image, Arrays... lists) {
    return within(
        new Key(Stream.of(lists).map(Arrays::name).toList(), code, image.getDevice()),
        module -> {
          List<IValue> arguments = new ArrayList<>();
          IValue results = null;
          try {
            arguments.add(IValue.from(image));
            for (Arrays list : lists) {
              arguments.add(IValue.listFrom(list.arrays));
            }
            results = IValueUtils.forward(module.block, arguments.toArray(IValue[]::new));
            return results.toNDList(image.getManager());
          } finally {
            arguments.forEach(IValue::close);
            if (results != null) {
              results.close();
            }
          }
        });
  }

  private NDList within(Key key, Function<Module, NDList> body) {
    Module module = enter(key);
    try {
      // the just-in-time optimiser would compile anew for every size, and is no faster
      JniUtils.setGraphExecutorOptimize(false);
      return body.apply(module);
    } finally {
      leave(module);
    }
  }

  private synchronized Module enter(Key key) {
    Module module = modules.computeIfAbsent(key, Modules::load);
    module.users++;
    Iterator<Module> oldest = modules.values().iterator();
    while (modules.size() > MOST && oldest.hasNext()) {
      Module old = oldest.next();
      if (old.users == 0) {
        oldest.remove();
        close(old);
      }
    }
    return module;
  }

  private synchronized void leave(Module module) {
    module.users--;
    if (closed && module.users == 0) {
      modules.values().remove(module);
      close(module);
    }
  }

  private static Module load(Key key) {
    Archive archive =
        new Archive(
            List.of(
                new Method(
                    "forward",
                    Stream.concat(
                            Stream.of("image: Tensor"),
                            key.lists.stream().map(list -> list + ": List[Tensor]"))
                        .toList(),
                    "List[Tensor]",
                    List.of(key.code.split("\n")))),
            Map.of());
    NDManager manager = Engine.getInstance().newBaseManager(key.device);
    boolean done = false;
    try {
      PtSymbolBlock block = archive.load(manager);
      done = true;
      return new Module(manager, block);
    } finally {
      if (!done) {
        manager.close();
      }
    }
  }

  private static void close(Module module) {
    module.block.close();
    module.manager.close();
  }

  /** Whoever is in a module finishes first; what runs later keeps nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    modules.values().stream().filter(module -> module.users == 0).forEach(Modules::close);
    modules.values().removeIf(module -> module.users == 0);
  }
}
