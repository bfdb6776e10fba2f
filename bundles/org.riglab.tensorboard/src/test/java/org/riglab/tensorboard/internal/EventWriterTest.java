package org.riglab.tensorboard.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Report;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;

public final class EventWriterTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2019-01-07T12:00:00Z"), ZoneOffset.UTC);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Map<String, List<LabListener.Point>> stored = new HashMap<>();
  private final List<String> drawn = new ArrayList<>();
  private Run.State state = Run.State.RUNNING;
  private Path directory;
  private Path files;
  private Lab lab;
  private EventWriter writer;

  @Before
  public void open() throws Exception {
    directory = folder.getRoot().toPath().resolve("tensorboard");
    files = folder.newFolder("run").toPath();
    lab =
        (Lab)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Lab.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "run" -> run();
                      case "listen" -> (Lab.Registration) () -> {};
                      case "metrics" -> stored.keySet().stream().sorted().toList();
                      case "curve" -> curve((String) arguments[1]);
                      case "files" -> files();
                      case "file" -> files.resolve((String) arguments[1]);
                      default -> throw new AssertionError(method);
                    });
    writer = new EventWriter(directory, lab, report(), NOON);
  }

  private Report report() {
    return (Report)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Report.class},
            (proxy, method, arguments) -> {
              drawn.add(arguments[1] + " " + arguments[3]);
              picture((Path) arguments[0], 5, 3);
              return null;
            });
  }

  private static void picture(Path png, int width, int height) throws IOException {
    ImageIO.write(
        new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", png.toFile());
  }

  private Curve curve(String metric) {
    List<LabListener.Point> points = stored.get(metric);
    return new Curve(
        7,
        metric,
        points.size(),
        points.stream()
            .map(p -> new Curve.Bucket(p.step(), p.value(), p.value(), p.value()))
            .toList());
  }

  private List<Lab.RunFile> files() {
    try (Stream<Path> list = Files.list(files)) {
      return list.sorted()
          .map(f -> new Lab.RunFile(f.getFileName().toString(), f.toFile().length()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Run run() {
    return new Run(
        7,
        "a/../b c",
        Run.Kind.TRAIN,
        state,
        "rig",
        Map.of(),
        Map.of(),
        0,
        0,
        List.of(),
        "cpu",
        0,
        0,
        Map.of(),
        Map.of(),
        new Run.Progress(4, 4, 1, 0),
        Map.of(),
        "",
        List.of(),
        new Run.Times(Instant.EPOCH, Optional.empty(), Optional.empty(), 0),
        "runs/7");
  }

  private void points(LabListener.Point... points) {
    writer.points(7, new Run.Progress(1, 4, 1, 1), List.of(points));
  }

  private static LabListener.Point point(String metric, long step, double value) {
    return new LabListener.Point(metric, step, value);
  }

  private void event(Event.Type type, String text) {
    writer.event(new Event(1, Instant.EPOCH, 7, type, text));
  }

  /** Tag, step and value, or size of a picture, of all events; read without what wrote them. */
  private List<String> written() throws IOException {
    List<String> all = new ArrayList<>();
    Path run = directory.resolve("7-a_.._b_c");
    try (Stream<Path> list = Files.list(run)) {
      for (Path file : list.sorted().toList()) {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
          int length = Math.toIntExact(bytes.getLong());
          bytes.getInt();
          byte[] event = new byte[length];
          bytes.get(event);
          bytes.getInt();
          all.add(described(fields(event)));
        }
      }
    }
    return all;
  }

  private static String described(Map<Integer, Object> event) throws IOException {
    Object step = event.getOrDefault(2, 0L);
    if (event.containsKey(3)) {
      return "file";
    } else if (event.containsKey(7)) {
      return "restart " + step;
    }
    Map<Integer, Object> value = fields((byte[]) fields((byte[]) event.get(5)).get(1));
    String tag = new String((byte[]) value.get(1), java.nio.charset.StandardCharsets.UTF_8);
    if (value.get(4) instanceof byte[] image) {
      Map<Integer, Object> picture = fields(image);
      return tag + " " + step + " " + picture.get(2) + "x" + picture.get(1);
    }
    return tag + " " + step + " " + value.get(2);
  }

  private static Map<Integer, Object> fields(byte[] message) throws IOException {
    Map<Integer, Object> fields = new HashMap<>();
    CodedInputStream in = CodedInputStream.newInstance(message);
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      fields.put(
          WireFormat.getTagFieldNumber(tag),
          switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> in.readInt64();
            case WireFormat.WIRETYPE_FIXED64 -> in.readDouble();
            case WireFormat.WIRETYPE_FIXED32 -> in.readFloat();
            default -> in.readByteArray();
          });
    }
    return fields;
  }

  @Test
  public void scalarsMatrixAndPicturesOfARun() throws Exception {
    points(point("loss", 1, 0.5), point("lr", 1, 0.25), point("loss", 2, Double.NaN));
    Files.writeString(
        files.resolve("evaluation.json"),
        "{\"step\": 2, \"split\": \"val\", \"classes\": [{\"name\": \"a\", \"rgb\": 1},"
            + " {\"name\": \"b\", \"rgb\": 2}], \"iterations\": [{\"confusion\": [[9, 9], [9, 9]]},"
            + " {\"confusion\": [[1, 2], [3, 4]]}]}");
    event(Event.Type.EVALUATED, "step 2");
    points(point("mIoU.t2", 2, 0.75));
    picture(files.resolve("strip.png"), 8, 2);
    event(Event.Type.STATE, "running");
    state = Run.State.DONE;
    event(Event.Type.STATE, "done");
    assertEquals(
        List.of(
            "file",
            "loss 1 0.5",
            "lr 1 0.25",
            "loss 2 NaN",
            "confusion/val 2 5x3",
            "mIoU/t2 2 0.75",
            "strip 4 8x2"),
        written());
    assertEquals(List.of("[[1, 2], [3, 4]] val, step 2"), drawn);
  }

  @Test
  public void aRestartedRunGoesOnInAFileOfItsOwn() throws Exception {
    points(point("loss", 1, 0.5), point("loss", 2, 0.4));
    writer.stop();
    writer = new EventWriter(directory, lab, report(), NOON);
    points(point("loss", 2, 0.4));
    assertEquals(
        List.of("file", "loss 1 0.5", "loss 2 0.4", "file", "restart 2", "loss 2 0.4"), written());
  }

  @Test
  public void whatWasMissedComesFromTheStore() throws Exception {
    points(point("loss", 1, 0.5));
    writer.missed();
    points(point("loss", 4, 0.25));
    for (int step = 1; step <= 4; step++) {
      stored.computeIfAbsent("loss", m -> new ArrayList<>()).add(point("loss", step, 1.0 / step));
    }
    state = Run.State.FAILED;
    event(Event.Type.STATE, "failed");
    assertEquals(
        List.of("file", "loss 1 1.0", "loss 2 0.5", "loss 3 0.33333334", "loss 4 0.25"), written());
    assertTrue(drawn.isEmpty());
  }

  @Test
  public void aFolderThatCannotBeWrittenHarmsNothing() throws Exception {
    Files.writeString(directory, "in the way");
    points(point("loss", 1, 0.5));
    event(Event.Type.EVALUATED, "step 1");
    Files.delete(directory);
    points(point("loss", 2, 0.25));
    assertEquals(List.of("file", "loss 2 0.25"), written());
  }
}
