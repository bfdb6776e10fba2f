package org.riglab.nn.script;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module as an archive for {@code torch.jit.load} (format version 3): a zip file of
 * code, a pickle that describes the module, and one file per tensor, all uncompressed. The module
 * is in evaluation mode until {@code train()} is called.
 */
public final class Archive {
  private static final String ROOT = "Network";
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);
  private static final int CHUNK = 1 << 16;

  private final List<Method> methods;
  private final Map<String, Value> state;
  private final Module root = new Module("");
  private final List<Module> modules = new ArrayList<>();

  /** A module of the tree that is defined by the dots in the names of the state. */
  private static final class Module {
    final String type;
    final Map<String, String> values = new LinkedHashMap<>();
    final Map<String, Module> children = new LinkedHashMap<>();

    Module(String path) {
      type = path.isEmpty() ? ROOT : ROOT + "_" + path.replaceAll("[^A-Za-z0-9]", "_");
    }
  }

  /**
   * @param methods of the module; {@code self} is added before their parameters
   * @param state tensors by name, dots between modules; may be empty
   * @throws IllegalArgumentException if a name is used for both a tensor and a module
   */
  public Archive(List<Method> methods, Map<String, Value> state) {
    this.methods = List.copyOf(methods);
    this.state = new LinkedHashMap<>(state);
    modules.add(root);
    state.keySet().forEach(this::place);
    for (Module module : modules) {
      for (String name : module.values.keySet()) {
        if (module.children.containsKey(name)) {
          throw new IllegalArgumentException(name + " is a tensor and a module of " + module.type);
        }
      }
    }
  }

  private void place(String name) {
    Module module = root;
    String[] words = name.split("\\.");
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < words.length - 1; i++) {
      path.append(i == 0 ? "" : ".").append(words[i]);
      String here = path.toString();
      module =
          module.children.computeIfAbsent(
              words[i],
              word -> {
                Module child = new Module(here);
                modules.add(child);
                return child;
              });
    }
    module.values.put(words[words.length - 1], name);
  }

  /**
   * @param name of a tensor of the state
   * @return code that accesses it, for lines of a method
   */
  public static String access(String name) {
    String code = "self";
    for (String word : name.split("\\.")) {
      code =
          IDENTIFIER.matcher(word).matches()
              ? code + "." + word
              : "getattr(" + code + ", \"" + word + "\")";
    }
    return code;
  }

  /**
   * Loads the module into the engine.
   *
   * @param manager owner of the module, on the device where the module runs
   * @return the module, in evaluation mode
   */
  public PtSymbolBlock load(NDManager manager) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      write(bytes);
      return JniUtils.loadModule(
          (PtNDManager) manager, new ByteArrayInputStream(bytes.toByteArray()), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no file
    }
  }

  /**
   * @param out receives the archive; not closed
   * @throws IOException if it cannot be written
   */
  public void write(OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setMethod(ZipOutputStream.STORED);
    store(zip, "data.pkl", pickle());
    store(zip, "code/__torch__.py", code().getBytes(StandardCharsets.UTF_8));
    store(zip, "constants.pkl", new PickleWriter().tuple().end());
    int number = 0;
    for (Value value : state.values()) {
      store(zip, "data/" + number++, value.values());
    }
    store(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
    zip.finish();
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    open(zip, name, bytes.length, crc);
    zip.write(bytes);
    zip.closeEntry();
  }

  private static void store(ZipOutputStream zip, String name, FloatBuffer values)
      throws IOException {
    CRC32 crc = new CRC32();
    chunks(values, chunk -> crc.update(chunk, 0, chunk.length));
    open(zip, name, 4L * values.remaining(), crc);
    chunks(values, zip::write);
    zip.closeEntry();
  }

  private static void open(ZipOutputStream zip, String name, long size, CRC32 crc)
      throws IOException {
    ZipEntry entry = new ZipEntry("network/" + name);
    entry.setTimeLocal(EPOCH); // the same archive for the same network
    entry.setSize(size);
    entry.setCompressedSize(size);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
  }

  private interface Sink {
    void take(byte[] bytes) throws IOException;
  }

  private static void chunks(FloatBuffer values, Sink sink) throws IOException {
    FloatBuffer rest = values.duplicate();
    while (rest.hasRemaining()) {
      int count = Math.min(CHUNK, rest.remaining());
      ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(rest.slice().limit(count));
      rest.position(rest.position() + count);
      sink.take(bytes.array());
    }
  }

  private String code() {
    StringBuilder code = new StringBuilder();
    // a type is declared before it is used
    for (int i = modules.size() - 1; i >= 0; i--) {
      declare(code, modules.get(i));
    }
    for (Method method : methods) {
      code.append("  def ").append(method.name()).append("(self: __torch__.").append(ROOT);
      method.parameters().forEach(parameter -> code.append(",\n      ").append(parameter));
      code.append(") -> ").append(method.result()).append(":\n");
      method.lines().forEach(line -> code.append("    ").append(line).append('\n'));
    }
    return code.toString();
  }

  private void declare(StringBuilder code, Module module) {
    code.append("class ").append(module.type).append("(Module):\n");
    code.append("  __parameters__ = ").append(names(module, true)).append('\n');
    code.append("  __buffers__ = ").append(names(module, false)).append('\n');
    module.values.keySet().forEach(name -> attribute(code, name, "Tensor"));
    attribute(code, "training", "bool");
    module.children.forEach((name, child) -> attribute(code, name, "__torch__." + child.type));
  }

  private static void attribute(StringBuilder code, String name, String type) {
    code.append(
        IDENTIFIER.matcher(name).matches()
            ? "  " + name + " : " + type + "\n"
            : "  __annotations__[\"" + name + "\"] = " + type + "\n");
  }

  private String names(Module module, boolean trained) {
    return module.values.entrySet().stream()
        .filter(entry -> state.get(entry.getValue()).trained() == trained)
        .map(entry -> "\"" + entry.getKey() + "\", ")
        .collect(Collectors.joining("", "[", "]"));
  }

  private byte[] pickle() {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    state.keySet().forEach(name -> numbers.put(name, numbers.size()));
    PickleWriter pickle = new PickleWriter();
    pickle(pickle, root, numbers);
    return pickle.end();
  }

  private void pickle(PickleWriter pickle, Module module, Map<String, Integer> numbers) {
    pickle.object("__torch__", module.type);
    module.values.forEach(
        (name, full) -> {
          Value value = state.get(full);
          pickle.text(name);
          pickle.tensor(numbers.get(full), value);
        });
    pickle.text("training").flag(false);
    module.children.forEach(
        (name, child) -> {
          pickle.text(name);
          pickle(pickle, child, numbers);
        });
    pickle.built();
  }
}
