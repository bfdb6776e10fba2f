package org.riglab.engine.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.riglab.base.Sha256;
import org.riglab.engine.internal.CudaBuild.Artifact;

/** Files that look like a CUDA build of libtorch as far as they are looked at, and a repository. */
final class FakeBuild {
  static final String FOLDER = "org/example/native/";

  private FakeBuild() {}

  /** The head of a 64-bit little-endian ELF file for x86-64, and a text. */
  static byte[] library(String text) {
    byte[] bytes = Arrays.copyOf(new byte[] {0x7f, 'E', 'L', 'F', 2, 1}, 64 + text.length());
    bytes[18] = 62;
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, bytes, 64, text.length());
    return bytes;
  }

  /** A library with GPU code: one fat binary with an entry per kind and architecture. */
  static byte[] gpuLibrary(int[]... entries) {
    ByteBuffer bytes =
        ByteBuffer.allocate(64 + 16 + entries.length * (64 + 32) + 24)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(library(""));
    bytes.putInt(0xBA55ED50).putShort((short) 1).putShort((short) 16);
    bytes.putLong(entries.length * (64L + 32));
    for (int[] entry : entries) {
      int start = bytes.position();
      bytes.putShort((short) entry[0]).putShort((short) 0x101).putInt(64).putLong(32);
      bytes.position(start + 28);
      bytes.putInt(entry[1]);
      bytes.position(start + 64 + 32);
    }
    return bytes.array();
  }

  /** The files of libtorch and of CUDA's runtime, by name. */
  static Map<String, byte[]> libtorch() {
    return Map.of(
        "libtorch.so", library(""),
        "libtorch_cpu.so", library(""),
        "libc10.so", library("_ZNSt7__cxx1112basic_string"),
        "libc10_cuda.so", library("libcudart.so.12"),
        "libtorch_cuda.so", gpuLibrary(new int[] {2, 80}, new int[] {2, 90}, new int[] {1, 100}),
        "libgomp.so.1", library(""));
  }

  static Map<String, byte[]> cuda() {
    byte[] large = new byte[300_000];
    new Random(1).nextBytes(large);
    return Map.of("libcudart.so.12", library(""), "libcublas.so.12", large);
  }

  /** Writes the files of libtorch and of CUDA into one folder. */
  static void write(Path folder, Map<String, byte[]> files) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  /** Writes two artifacts into a Maven repository. */
  static CudaBuild repository(Path repository) throws IOException {
    return new CudaBuild(
        "12.9",
        List.of(artifact(repository, "torch", libtorch()), artifact(repository, "cuda", cuda())));
  }

  private static Artifact artifact(Path repository, String name, Map<String, byte[]> files)
      throws IOException {
    ByteArrayOutputStream jar = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(jar)) {
      zip.putNextEntry(new ZipEntry(FOLDER + "libunwanted.so"));
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(FOLDER + file.getKey()));
        zip.write(file.getValue());
      }
    }
    byte[] bytes = jar.toByteArray();
    Artifact artifact =
        new Artifact(
            "org.example",
            name,
            "1.0",
            "linux",
            bytes.length,
            Sha256.of(bytes),
            FOLDER,
            files.keySet());
    Path file = repository.resolve(artifact.path());
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
    return artifact;
  }
}
