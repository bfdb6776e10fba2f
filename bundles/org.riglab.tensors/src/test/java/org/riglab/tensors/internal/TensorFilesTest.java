package org.riglab.tensors.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.tensors.Dtype;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFiles;

/** Files written by PyTorch 1.13 and NumPy 1.24; see src/test/python/weight_files.py. */
public class TensorFilesTest {
  private static final float[] SIX = {.5f, -1, 1.5f, -2, 2.5f, -3};

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static void assertValues(TensorFile file, String name, float... expected) {
    assertArrayEquals(name, expected, file.floats(name).values(), 0f);
    assertEquals(file.tensors().get(name).shape(), file.floats(name).shape());
  }

  private static float[] doubled() {
    return new float[] {1, -2, 3, -4, 5, -6};
  }

  @Test
  public void readsEveryElementTypeOfBothTorchFormats() {
    for (String format : List.of("zip", "old")) {
      try (TensorFile file = TensorFiles.open(Resources.file("dtypes." + format + ".pth"))) {
        assertEquals(
            format.equals("zip") ? "PyTorch (zip)" : "PyTorch (before 1.6)", file.format());
        for (String name : List.of("f16", "f32", "f64", "bf16")) {
          assertValues(file, name, SIX);
        }
        for (String name : List.of("i8", "i16", "i32", "i64")) {
          assertValues(file, name, doubled());
        }
        assertValues(file, "u8", 0, 1, 2, 127, 128, 255);
        assertValues(file, "bool", 1, 0);
        assertValues(file, "scalar", -2.5f);
        assertValues(file, "empty");
        assertEquals(List.of(2L, 0L, 3L), file.tensors().get("empty").shape());
        assertEquals(List.of(), file.tensors().get("scalar").shape());
        assertEquals(Dtype.BF16, file.tensors().get("bf16").dtype());
        assertEquals("bfloat16", Dtype.BF16.torch());
      }
    }
  }

  @Test
  public void readsStridedTensorsOfSharedStorages() {
    for (String format : List.of("zip", "old")) {
      try (TensorFile file = TensorFiles.open(Resources.file("strides." + format + ".pth"))) {
        float[] whole = file.floats("whole").values();
        assertEquals(-12f, whole[23], 0f);
        assertEquals(List.of(6L, 4L), file.tensors().get("transposed").shape());
        float[] transposed = file.floats("transposed").values();
        for (int r = 0; r < 4; r++) {
          for (int c = 0; c < 6; c++) {
            assertEquals(whole[6 * r + c], transposed[4 * c + r], 0f);
          }
        }
        assertValues(file, "column", whole[2], whole[8], whole[14], whole[20]);
        assertValues(
            file, "every_second", whole[1], whole[3], whole[5], whole[13], whole[15], whole[17]);
        assertArrayEquals(
            java.util.Arrays.copyOfRange(whole, 6, 18), file.floats("narrow").values(), 0f);
        assertArrayEquals(
            java.util.Arrays.copyOfRange(whole, 18, 24), file.floats("row").values(), 0f);
        assertValues(file, "expanded", 1.5f, -2.5f, 1.5f, -2.5f, 1.5f, -2.5f);
        // (2, 3, 4) with its last axis in front; element i of the original is i+1 halves
        float[] permuted = file.floats("permuted").values();
        assertEquals(List.of(4L, 2L, 3L), file.tensors().get("permuted").shape());
        for (int i = 0; i < 24; i++) {
          int original = i % 3 * 4 + i / 3 % 2 * 12 + i / 6;
          assertEquals((original + 1) / 2f * (original % 2 == 0 ? 1 : -1), permuted[i], 0f);
        }
        float[] last = file.floats("channels_last").values();
        for (int i = 0; i < last.length; i++) {
          assertEquals((i + 1) / 2f * (i % 2 == 0 ? 1 : -1), last[i], 0f);
        }
      }
    }
  }

  @Test
  public void looksIntoContainers() {
    for (String format : List.of("zip", "old")) {
      try (TensorFile file = TensorFiles.open(Resources.file("containers." + format + ".pth"))) {
        assertEquals(
            List.of(
                "state_dict/module.a.weight",
                "state_dict/module.b",
                "optimizer/state/0/momentum_buffer",
                "list/0",
                "list/1/0"),
            List.copyOf(file.tensors().keySet()));
        assertValues(file, "state_dict/module.a.weight", .5f, -1, 1.5f, -2);
        assertValues(file, "state_dict/module.b", .5f, -1);
        assertValues(file, "optimizer/state/0/momentum_buffer", 1, -2, 3, -4);
        assertValues(file, "list/1/0", .5f, 1.5f);
      }
      try (TensorFile file = TensorFiles.open(Resources.file("state-dict." + format + ".pth"))) {
        assertEquals(
            Set.of(
                "0.weight",
                "0.bias",
                "1.weight",
                "1.bias",
                "1.running_mean",
                "1.running_var",
                "1.num_batches_tracked"),
            file.tensors().keySet());
        assertValues(file, "0.bias", .5f, -1);
        assertValues(file, "1.running_var", 1, 1);
      }
    }
  }

  @Test
  public void readsEveryKindOfNpz() {
    for (String name : List.of("stored.npz", "deflated.npz")) {
      try (TensorFile file = TensorFiles.open(Resources.file(name))) {
        assertEquals("npz", file.format());
        for (String order : List.of("<", ">")) {
          for (String kind : List.of("f2", "f4", "f8")) {
            assertValues(file, order + kind, SIX);
          }
          for (String kind : List.of("i2", "i4", "i8")) {
            assertValues(file, order + kind, doubled());
          }
        }
        assertValues(file, "i1", doubled());
        assertValues(file, "u1", 0, 1, 2, 127, 128, 255);
        assertValues(file, "b1", 1, 0);
        assertValues(file, "scalar", -2.5f);
        assertValues(file, "dir/name", .5f);
        assertEquals(0, file.floats("empty").values().length);
        float[] fortran = file.floats("fortran").values();
        assertEquals(List.of(2L, 3L, 4L), file.tensors().get("fortran").shape());
        for (int i = 0; i < 24; i++) {
          assertEquals((i + 1) / 2f * (i % 2 == 0 ? 1 : -1), fortran[i], 0f);
        }
      }
    }
    try (TensorFile file = TensorFiles.open(Resources.file("versions.npz"))) {
      assertEquals(Set.of("v1", "v2", "v3"), file.tensors().keySet());
      file.tensors().keySet().forEach(name -> assertValues(file, name, SIX));
    }
  }

  @Test
  public void goesByContentNotByName() throws IOException {
    Path npz = Resources.file("stored.npz");
    Path disguised = folder.getRoot().toPath().resolve("weights.safetensors");
    Files.copy(npz, disguised);
    try (TensorFile file = TensorFiles.open(disguised)) {
      assertEquals("npz", file.format());
    }
  }

  /** What is asked for, by file; each is refused by exactly that name. */
  private static final Map<String, String> ASKED =
      Map.ofEntries(
          Map.entry("bad-system.zip.pth", "posix.system"),
          Map.entry("bad-system.old.pth", "posix.system"),
          Map.entry("bad-eval.zip.pth", "__builtin__.eval"),
          Map.entry("bad-eval.old.pth", "__builtin__.eval"),
          Map.entry("bad-exec.zip.pth", "__builtin__.exec"),
          Map.entry("bad-exec.old.pth", "__builtin__.exec"),
          Map.entry("bad-getattr.zip.pth", "__builtin__.getattr"),
          Map.entry("bad-getattr.old.pth", "__builtin__.getattr"),
          Map.entry("bad-fractions.zip.pth", "fractions.Fraction"),
          Map.entry("bad-fractions.old.pth", "fractions.Fraction"),
          Map.entry("bad-module.zip.pth", "torch.nn.modules.container.Sequential"),
          Map.entry("bad-numpy-array.zip.pth", "numpy.core.multiarray._reconstruct"),
          Map.entry("bad-numpy-array.old.pth", "numpy.core.multiarray._reconstruct"),
          Map.entry("bad-plain-0.pkl", "posix.system"),
          Map.entry("bad-plain-1.pkl", "posix.system"),
          Map.entry("bad-plain-2.pkl", "posix.system"),
          Map.entry("bad-plain-4.pkl", "posix.system"),
          Map.entry("bad-plain-5.pkl", "posix.system"));

  /** Objects of unknown classes beside tensors: they hold nothing. */
  private static final Set<String> INERT = Set.of("bad-stranger.zip.pth", "bad-stranger.old.pth");

  @Test
  public void readsTensorsBesideObjectsOfUnknownClasses() {
    for (String name : INERT) {
      try (TensorFile file = TensorFiles.open(Resources.file(name))) {
        assertFalse(name, file.tensors().isEmpty());
      }
    }
  }

  /** Numbers of numpy, such as a best score, beside tensors; NumPy 1.24 and 2.4. */
  @Test
  public void readsTensorsBesideNumbersOfNumpy() {
    for (String name : List.of("numpy-scalar.zip.pth", "numpy-scalar.old.pth")) {
      try (TensorFile file = TensorFiles.open(Resources.file(name))) {
        assertEquals(name, Set.of("a"), file.tensors().keySet());
      }
    }
    try (TensorFile file = TensorFiles.open(Resources.file("numpy-scalar.torch2.pth"))) {
      assertEquals(Set.of("state_dict/a"), file.tensors().keySet());
    }
  }

  /** Why, by file. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("torchscript.pt", "TorchScript archive"),
          Map.entry("bare.pth", "one tensor without a name"),
          Map.entry("no-tensors.pth", "holds no tensors"),
          Map.entry("one.npy", "one array without a name"),
          Map.entry("bad-object.npz", "dtype |O"),
          Map.entry("bad-record.npz", "does not hold plain numbers"),
          Map.entry("bad-complex.npz", "dtype <c8"),
          Map.entry("bad-cycle.zip.pth", "in a circle"),
          Map.entry("bad-cycle.old.pth", "in a circle"),
          Map.entry("bad-deep.zip.pth", "nested more than 16 deep"),
          Map.entry("bad-billion.zip.pth", "more than 65536 tensors"));

  @Test
  public void refusesEverythingElseInOneLineThatSaysWhy() throws IOException {
    Set<String> bad = new TreeSet<>();
    try (Stream<Path> files = Files.list(Resources.file("one.npy").getParent())) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("bad-"))
          .forEach(bad::add);
    }
    Set<String> tested = new TreeSet<>(ASKED.keySet());
    tested.addAll(REFUSED.keySet());
    tested.addAll(INERT);
    assertTrue(bad + " are tested", tested.containsAll(bad));
    ASKED.forEach(
        (name, asked) ->
            assertEquals(
                "cannot read "
                    + Resources.file(name)
                    + ": its pickle refers to "
                    + asked
                    + "; only tensors and containers are read (a state_dict), and no code in it was"
                    + " executed",
                refusal(name)));
    REFUSED.forEach((name, why) -> assertTrue(refusal(name), refusal(name).contains(why)));
  }

  private static String refusal(String name) {
    Path file = Resources.file(name);
    String message = assertThrows(RigException.class, () -> TensorFiles.open(file)).getMessage();
    assertEquals(message, 1, message.lines().count());
    return message;
  }
}
