package org.riglab.networks.engine;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.Optional;
import org.riglab.api.RigException;

/**
 * Switches of libtorch's {@code at::Context} that Python sets through {@code torch.backends} and
 * {@code torch.use_deterministic_algorithms}. DJL has only the one for cuDNN's benchmark, and
 * TorchScript none, so the functions of the library are called by their C++ names; those of the
 * pinned version are known, and a test reads back what was set. The switches belong to the process.
 */
public final class EngineFlags {
  private static final String PREFIX = "_ZN2at7Context";
  private static final String GETTER = "_ZNK2at7Context";

  private final NativeLibrary library;
  private final Pointer context;

  private EngineFlags() {
    Torch.engine();
    Path file = Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"));
    library = NativeLibrary.getInstance(file.toString());
    context = library.getFunction("_ZN2at13globalContextEv").invokePointer(new Object[0]);
  }

  /** Empty where the library has no such functions, as on Windows, whose compiler names others. */
  private static final class Holder {
    static final Optional<EngineFlags> FLAGS = find();

    private static Optional<EngineFlags> find() {
      try {
        return Optional.of(new EngineFlags());
      } catch (UnsatisfiedLinkError e) {
        return Optional.empty();
      }
    }
  }

  /**
   * Sets whether computations repeat to the last bit on a device. If so: cuDNN and oneDNN choose
   * deterministic algorithms and cuDNN does not time them, float32 is not rounded to TF32, and an
   * operation that has a deterministic kernel uses it. An operation that has none runs as before,
   * with a warning of libtorch's; the caller avoids those (see {@link Kernels}).
   *
   * @param on whether they do; off is PyTorch's default
   * @throws RigException if the engine does not load, or has no such switches
   */
  public static void deterministic(boolean on) {
    if (Holder.FLAGS.isEmpty()) {
      if (on) {
        throw new RigException(
            RigException.Kind.UNAVAILABLE,
            "the engine of this platform has no switches for deterministic computation");
      }
      return;
    }
    EngineFlags flags = Holder.FLAGS.get();
    flags.set("21setDeterministicCuDNN", on);
    flags.set("22setDeterministicMkldnn", on);
    flags.set("17setBenchmarkCuDNN", false);
    flags.set("17setAllowTF32CuDNN", !on);
    flags.set("18setAllowTF32CuBLAS", false);
    flags
        .function(PREFIX + "26setDeterministicAlgorithmsEbb")
        .invokeVoid(new Object[] {flags.context, number(on), number(true)});
    // Memory that nothing has written is never read here: filling it would only take time.
    flags.set("39setDeterministicFillUninitializedMemory", false);
  }

  /**
   * @return whether {@link #deterministic} is on, as libtorch says
   */
  public static boolean isDeterministic() {
    if (Holder.FLAGS.isEmpty()) {
      return false;
    }
    EngineFlags flags = Holder.FLAGS.get();
    return flags.get("18deterministicCuDNN")
        && flags.get("19deterministicMkldnn")
        && flags.get("23deterministicAlgorithms")
        && !flags.get("14allowTF32CuDNN")
        && !flags.get("15allowTF32CuBLAS")
        && !flags.get("14benchmarkCuDNN");
  }

  private void set(String name, boolean value) {
    function(PREFIX + name + "Eb").invokeVoid(new Object[] {context, number(value)});
  }

  private boolean get(String name) {
    // A C++ bool is the low byte of the register.
    return (function(GETTER + name + "Ev").invokeInt(new Object[] {context}) & 0xff) != 0;
  }

  private Function function(String name) {
    return library.getFunction(name);
  }

  private static int number(boolean value) {
    return value ? 1 : 0;
  }
}
