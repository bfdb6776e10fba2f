package org.riglab.networks.inference;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartSpec;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.engine.PassMemory;
import org.riglab.networks.engine.Torch;

public class SegmenterTest {
  private static final int HEIGHT = 13;
  private static final int WIDTH = 18;

  private NDManager manager;
  private NDArray images;
  private List<NDArray> weights;

  @Before
  public void setUp() {
    manager = Torch.newManager(Device.cpu());
    images = pattern(new Shape(2, 3, HEIGHT, WIDTH), 3, 17);
    weights = List.of(pattern(new Shape(4, 3, 3, 3), 5, 11), pattern(new Shape(4, 3, 3, 3), 7, 2));
  }

  @After
  public void tearDown() {
    manager.close();
  }

  /** As in segmenter.py. */
  private NDArray pattern(Shape shape, int a, int b) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((a * i * i + b * i) % 101 / 50.0 - 1);
    }
    return manager.create(values, shape);
  }

  /** Two convolutions of stride 2, one per prediction. */
  private final class Net implements Model {
    private final List<Shape> seen = new ArrayList<>();
    private final MultiScaleInputs inputs;

    Net(List<Double> inputScales) {
      inputs = MultiScaleInputs.of(inputScales);
    }

    @Override
    public NDList logits(NDArray x) {
      seen.add(x.getShape());
      return inputs.forward(x, this::convolve).fused();
    }

    private NDList convolve(NDArray x) {
      NDList logits = new NDList();
      for (NDArray weight : weights) {
        logits.addAll(
            x.getNDArrayInternal()
                .convolution(
                    x, weight, null, new Shape(2, 2), new Shape(1, 1), new Shape(1, 1), 1));
      }
      return logits;
    }

    @Override
    public String blame(NDArray x) {
      return "somebody";
    }
  }

  private static Inference inference(List<Double> scales, boolean flip, List<Integer> window) {
    return new Inference(scales, flip, window, Inference.OVERLAP, List.of());
  }

  private List<String> labels(Inference inference, NDArray x, int height, int width) {
    return text(
        Torch.withoutGrad(
            () ->
                new Segmenter(inference)
                    .labels(new Net(inference.inputScales()), x, height, width)));
  }

  private static List<String> text(NDList labels) {
    return labels.stream()
        .map(
            map -> {
              assertEquals(DataType.UINT8, map.getDataType());
              StringBuilder digits = new StringBuilder();
              for (byte label : map.toByteArray()) {
                digits.append(label);
              }
              return digits.toString();
            })
        .toList();
  }

  @Test
  public void labelsWhatPyTorchLabels() throws IOException {
    Case[] cases;
    try (Reader reader =
        new InputStreamReader(
            SegmenterTest.class.getResourceAsStream("segmenter.json"), StandardCharsets.UTF_8)) {
      cases = new Gson().fromJson(reader, Case[].class);
    }
    assertEquals(16, cases.length);
    for (Case c : cases) {
      Inference inference = new Inference(c.scales, c.flip, c.window, c.overlap, c.inputScales);
      assertEquals(
          c.name + " " + c.inputScales,
          c.labels,
          labels(inference, images, c.answer.get(0), c.answer.get(1)));
    }
  }

  @Test
  public void isPlainWhereTheWindowIsLargerThanTheImage() {
    List<String> plain = labels(Inference.PLAIN, images, 40, 7);
    assertEquals(plain, labels(inference(List.of(1.0), false, List.of(13, 18)), images, 40, 7));
    assertEquals(plain, labels(inference(List.of(1.0), false, List.of(513, 513)), images, 40, 7));
    Segmenter segmenter = new Segmenter(inference(List.of(1.0), false, List.of(14, 18)));
    assertTrue(segmenter.once(13, 18));
    assertFalse(segmenter.once(13, 19));
    assertFalse(new Segmenter(inference(List.of(1.0), true, List.of())).once(1, 1));
    assertFalse(new Segmenter(inference(List.of(1.0, 2.0), false, List.of())).once(1, 1));
  }

  @Test
  public void isPlainWhereEveryPassSeesTheSame() {
    assertEquals(
        labels(Inference.PLAIN, images, HEIGHT, WIDTH),
        labels(inference(List.of(1.0, 1.0), false, List.of()), images, HEIGHT, WIDTH));
    // mirrored logits of the mirrored image: the answer is mirrored with the image
    Inference flip = inference(List.of(1.0, 0.5), true, List.of(9, 8));
    List<String> straight = labels(flip, images, HEIGHT, WIDTH);
    List<String> mirrored = labels(flip, images.flip(3), HEIGHT, WIDTH);
    for (int t = 0; t < 2; t++) {
      StringBuilder back = new StringBuilder();
      for (int row = 0; row < 2 * HEIGHT; row++) {
        String line = mirrored.get(t).substring(row * WIDTH, (row + 1) * WIDTH);
        back.append(new StringBuilder(line).reverse());
      }
      assertEquals(straight.get(t), back.toString());
    }
  }

  @Test
  public void coversTheImageByFewWindowsThatEndAtItsBorder() {
    assertEquals(List.of(0, 5, 10), Windows.of(18, 8, List.of(8, 8), Inference.OVERLAP).tops());
    assertEquals(List.of(0, 8, 10), Windows.of(18, 8, List.of(8, 8), 0).tops());
    assertEquals(List.of(0, 8, 16), Windows.of(24, 8, List.of(8, 8), 0).tops());
    assertEquals(List.of(0), Windows.of(18, 8, List.of(8, 8), 0.5).lefts());
    assertEquals(
        "a stride of one at least",
        18 - 2 + 1,
        Windows.of(18, 1, List.of(2, 1), 0.99).tops().size());
    float[] counts = Windows.of(1, 5, List.of(1, 3), 0).counts(manager).toFloatArray();
    assertArrayEquals(new float[] {1, 1, 2, 1, 1}, counts, 0);
  }

  @Test
  public void showsTheNetworkWindowsOfOneSize() {
    Net net = new Net(List.of());
    new Segmenter(inference(List.of(1.0, 0.5), true, List.of(8, 8)))
        .labels(net, images, HEIGHT, WIDTH);
    // 2 x 3 windows of the image; of half the image (7 x 9, rounded) 1 x 2, cut to its height
    assertEquals(2 * (2 * 3) + 2 * 2, net.seen.size());
    assertEquals(new Shape(2, 3, 8, 8), net.seen.get(0));
    assertEquals(new Shape(2, 3, 7, 8), net.seen.get(15));
  }

  @Test
  public void leavesNothingButTheLabels() {
    try (NDManager step = manager.newSubManager()) {
      NDArray own = images.duplicate();
      own.attach(step);
      int before = step.getManagedArrays().size();
      NDList labels =
          new Segmenter(inference(List.of(1.0, 0.5), true, List.of(8, 8)))
              .labels(new Net(List.of()), own, HEIGHT, WIDTH);
      assertEquals(before + labels.size(), step.getManagedArrays().size());
    }
  }

  @Test
  public void holdsTheRowsOfOneRowOfWindowsOnly() {
    List<Shape> crops = new ArrayList<>();
    Picture picture =
        new Picture() {
          @Override
          public int height() {
            return HEIGHT;
          }

          @Override
          public int width() {
            return WIDTH;
          }

          @Override
          public NDArray crop(NDManager step, int top, int left, int rows, int columns) {
            crops.add(new Shape(rows, columns));
            NDIndex part = new NDIndex(":,:,{}:{},{}:{}", top, top + rows, left, left + columns);
            return images.get(step, part).duplicate();
          }
        };
    for (boolean flip : new boolean[] {false, true}) {
      crops.clear();
      Segmenter segmenter = new Segmenter(inference(List.of(1.0), flip, List.of(5, 8)));
      List<String> labels =
          text(
              Torch.withoutGrad(
                  () -> segmenter.labels(new Net(List.of()), picture, manager, HEIGHT, WIDTH)));
      assertEquals((flip ? 2 : 1) * 4 * 3, crops.size());
      assertEquals(Set.of(new Shape(5, 8)), Set.copyOf(crops));
      // the same by sums of the whole image: two equal scales do not go row by row
      Inference whole = inference(List.of(1.0, 1.0), flip, List.of(5, 8));
      assertEquals(labels(whole, images, HEIGHT, WIDTH), labels);
    }
  }

  @Test
  public void knowsWhatIsHeldAndWhatHelps() {
    NetworkSpec spec =
        new NetworkSpec(
            PartSpec.of("x"),
            NetworkSpec.OWN_HEAD,
            PartSpec.of("g"),
            PartSpec.of("u"),
            List.of(),
            2,
            171,
            NetworkSpec.BatchNormPolicy.SHARED,
            0);
    Shape large = new Shape(8000, 6000);
    assertNeed(
        new PassMemory(1, 171, 8000, 6000),
        "--window, or a smaller image",
        inference(List.of(1.0), false, List.of()),
        spec,
        large,
        large);
    assertNeed(
        new PassMemory(3, 171, 8000, 6000),
        "--window, or a smaller image",
        inference(List.of(1.0), true, List.of()),
        spec,
        large,
        large);
    assertNeed(
        new PassMemory(3, 171, 512, 6000),
        "a smaller --window, or a smaller image",
        inference(List.of(1.0), true, List.of(512, 512)),
        spec,
        large,
        large);
    assertNeed(
        new PassMemory(3, 171, 8000, 6000),
        "--window and --scales 1, or a smaller image",
        inference(List.of(0.5, 1.0), false, List.of(512, 512)),
        spec,
        large,
        large);
    assertNeed(
        "an answer larger than the input is made some rows at a time",
        new PassMemory(1, 171, 321, 321),
        "a smaller image",
        inference(List.of(1.0), false, List.of()),
        spec,
        new Shape(321, 321),
        large);
  }

  private static void assertNeed(
      PassMemory need, String advice, Inference how, NetworkSpec spec, Shape input, Shape answer) {
    assertNeed("", need, advice, how, spec, input, answer);
  }

  private static void assertNeed(
      String why,
      PassMemory need,
      String advice,
      Inference how,
      NetworkSpec spec,
      Shape input,
      Shape answer) {
    Segmenter segmenter = new Segmenter(how);
    assertEquals(why, need, segmenter.need(spec, 1, input, answer));
    assertEquals(why, advice, segmenter.advice(input, answer, "a smaller image"));
  }

  @Test
  public void namesTheGuilty() {
    weights.get(1).set(new float[4 * 27]);
    weights.get(1).addi(Float.POSITIVE_INFINITY);
    for (Inference inference :
        List.of(
            Inference.PLAIN,
            inference(List.of(1.0), true, List.of()),
            inference(List.of(1.0), false, List.of(8, 8)))) {
      RigException e =
          assertThrows(RigException.class, () -> labels(inference, images, HEIGHT, WIDTH));
      assertEquals("the logits of prediction 2 are not finite: somebody", e.getMessage());
    }
  }

  @Test
  public void refusesWhatMakesNoSense() {
    assertWrong(
        "option 'scales' is []; it must be one number or more, each above 0 and at most 16",
        inference(List.of(), false, List.of()));
    assertWrong(
        "option 'scales' is [0.0]; it must be one number or more, each above 0 and at most 16",
        inference(List.of(0.0), false, List.of()));
    assertWrong(
        "option 'window' is [0, 5]; it must be HxW in pixels",
        inference(List.of(1.0), false, List.of(0, 5)));
    for (double overlap : new double[] {-0.1, 1, Double.NaN}) {
      assertWrong(
          "option 'overlap' is " + overlap + "; it must be 0 or more and below 1",
          new Inference(List.of(1.0), false, List.of(), overlap, List.of()));
    }
  }

  private static void assertWrong(String message, Inference inference) {
    assertEquals(
        message, assertThrows(RigException.class, () -> new Segmenter(inference)).getMessage());
  }

  /** A case of the file. */
  private static final class Case {
    String name;
    List<Integer> answer;
    List<Double> scales;
    boolean flip;
    List<Integer> window;
    double overlap;
    List<Double> inputScales;
    List<String> labels;
  }
}
