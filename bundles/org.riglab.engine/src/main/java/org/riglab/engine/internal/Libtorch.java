package org.riglab.engine.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.engine.ComputeCapability;
import org.riglab.base.FileFailures;

/**
 * A folder with a CUDA build of libtorch that has been checked.
 *
 * @param libraries folder of {@code libtorch.so}
 * @param cudart folder of {@code libcudart.so.12}
 * @param version for example 2.7.1
 * @param cuda for example 12.6
 * @param architectures its GPU code was made for
 */
record Libtorch(
    Path libraries,
    Path cudart,
    String version,
    String cuda,
    List<ComputeCapability> architectures) {
  static final String NEEDED =
      "needed is PyTorch " + CudaBuild.TORCH + " for CUDA 12 on Linux x86-64";

  /** What DJL may load itself: libtorch, and the libraries that libtorch brings along. */
  private static final Pattern OWN =
      Pattern.compile("lib(c10|torch|shm|caffe2|gomp)[^/]*\\.so(\\.\\d+)*");

  private static final Pattern LIBRARY = Pattern.compile(".*\\.so(\\.\\d+)*");
  private static final Pattern VERSION = Pattern.compile("(\\d+\\.\\d+\\.\\d+)(\\+.*)?");
  private static final String CUDART = "libcudart.so.12";
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F', 2, 1};
  private static final int X86_64 = 62;

  /**
   * Checks a folder.
   *
   * @param libraries folder of {@code libtorch.so}
   * @param release what its maker calls the version, for example 2.7.1+cu126
   * @param cuda what its maker says of CUDA, for example 12.6; empty for nothing
   * @param others where else CUDA's runtime may be
   * @param where the folder in the user's words, for messages
   * @throws RigException if it is not what is needed
   */
  static Libtorch check(
      Path libraries, String release, String cuda, List<Path> others, String where) {
    Matcher version = VERSION.matcher(release);
    if (!version.matches() || !version.group(1).equals(CudaBuild.TORCH)) {
      throw wrong(where, "is PyTorch " + release);
    }
    for (String name : List.of("libtorch.so", "libtorch_cpu.so", "libc10.so")) {
      if (!Files.isRegularFile(libraries.resolve(name))) {
        throw wrong(where, "has no " + libraries.resolve(name));
      }
    }
    Path core = libraries.resolve("libc10_cuda.so");
    if (!Files.isRegularFile(core) || !Files.isRegularFile(libraries.resolve("libtorch_cuda.so"))) {
      throw wrong(where, "is a build for the CPU only (%s)".formatted(release));
    }
    machine(libraries.resolve("libc10.so"), where);
    if (!contains(libraries.resolve("libc10.so"), "__cxx11")) {
      throw wrong(where, "was built with the C++ ABI before C++11");
    }
    if (!contains(core, CUDART)) {
      throw wrong(
          where,
          "is for another major version of CUDA" + (cuda.isEmpty() ? "" : " (" + cuda + ")"));
    }
    Path cudart =
        Stream.concat(Stream.of(libraries), others.stream())
            .filter(folder -> Files.isRegularFile(folder.resolve(CUDART)))
            .findFirst()
            .orElseThrow(() -> wrong(where, "has no " + CUDART));
    return new Libtorch(
        libraries,
        cudart,
        version.group(1),
        cuda,
        Architectures.of(libraries.resolve("libtorch_cuda.so")));
  }

  private static RigException wrong(String where, String what) {
    return new RigException(where + " " + what + "; " + NEEDED);
  }

  private static void machine(Path library, String where) {
    try (var in = Files.newInputStream(library)) {
      ByteBuffer head = ByteBuffer.wrap(in.readNBytes(20)).order(ByteOrder.LITTLE_ENDIAN);
      boolean elf =
          head.limit() == 20
              && ByteBuffer.wrap(ELF).equals(head.slice(0, ELF.length))
              && head.getShort(18) == X86_64;
      if (!elf) {
        throw wrong(where, "is not for Linux x86-64");
      }
    } catch (IOException e) {
      throw FileFailures.reading(library, e);
    }
  }

  /** Only for small libraries. */
  private static boolean contains(Path library, String text) {
    try {
      return new String(Files.readAllBytes(library), StandardCharsets.ISO_8859_1).contains(text);
    } catch (IOException e) {
      throw FileFailures.reading(library, e);
    }
  }

  /**
   * Names of libraries beside libtorch that DJL must not load: it would take every file of the
   * folder, in any order. The dynamic linker finds them there when libtorch needs them, as
   * libtorch's run path is its own folder.
   */
  Set<String> excluded() {
    try (Stream<Path> files = Files.walk(libraries)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> LIBRARY.matcher(name).matches() && !OWN.matcher(name).matches())
          .collect(TreeSet::new, Set::add, Set::addAll);
    } catch (IOException e) {
      throw FileFailures.reading(libraries, e);
    }
  }
}
