package example.recordings;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

/**
 * Recordings of a camera: a folder each, with every frame's label map beside it, and colours of
 * one's own. Frames of a recording look alike, so whole recordings are held out.
 *
 * <pre>
 * DIR/classes.csv          ground,128,96,64
 * DIR/monday/0001.jpg      DIR/monday/0001_label.png
 * DIR/train.txt            optional: a recording, or recording/frame, per line; val.txt, test.txt
 * </pre>
 */
@Component
@Part(name = "recordings", about = "a folder per recording, labels beside images, classes.csv")
public final class Recordings implements Dataset {
  private static final List<String> LISTS = List.of("train", "val", "test");

  /** Options: {@code recordings:val=monday,friday}. */
  public @interface Config {
    /** Recordings held out where there is no train.txt; the last one by name if none is named. */
    String[] val() default {};
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Images open(Optional<Path> directory, Options options) {
    Path root =
        directory.orElseThrow(
            () -> new RigException("data set recordings needs a directory: --data DIR"));
    Palette palette = Palette.read(root.resolve("classes.csv"));
    SortedMap<String, List<Frame>> recordings = recordings(root);
    Map<String, List<Frame>> splits = listed(root, recordings);
    if (splits.isEmpty()) {
      splits = heldOut(root, recordings, List.of(options.as(Config.class).val()));
    }
    Map<String, Split> opened = new LinkedHashMap<>();
    splits.forEach((name, frames) -> opened.put(name, new FrameSplit(frames, palette)));
    return new Opened(palette.table(), opened);
  }

  private static SortedMap<String, List<Frame>> recordings(Path root) {
    SortedMap<String, List<Frame>> recordings = new TreeMap<>();
    for (Path folder : entries(root)) {
      if (Files.isDirectory(folder)) {
        List<Frame> frames =
            entries(folder).stream().filter(Frame::isImage).map(Frame::new).toList();
        if (!frames.isEmpty()) {
          recordings.put(folder.getFileName().toString(), frames);
        }
      }
    }
    if (recordings.isEmpty()) {
      throw new RigException(
          root + ": no recordings; expected folders with images, for example monday/0001.jpg");
    }
    return recordings;
  }

  private static Map<String, List<Frame>> listed(
      Path root, SortedMap<String, List<Frame>> recordings) {
    Map<String, List<Frame>> splits = new LinkedHashMap<>();
    for (String split : LISTS) {
      Path list = root.resolve(split + ".txt");
      if (Files.exists(list)) {
        List<Frame> frames = new ArrayList<>();
        for (String line : lines(list)) {
          frames.addAll(named(list, line.strip(), recordings));
        }
        if (frames.isEmpty()) {
          throw new RigException(list + ": names no recording");
        }
        splits.put(split, frames);
      }
    }
    if (!splits.isEmpty() && !splits.containsKey(LISTS.get(0))) {
      throw new RigException(
          "%s: there is a list for %s, but no train.txt"
              .formatted(root, String.join(", ", splits.keySet())));
    }
    return splits;
  }

  private static List<Frame> named(
      Path list, String name, SortedMap<String, List<Frame>> recordings) {
    int slash = name.indexOf('/');
    List<Frame> frames =
        recordings.getOrDefault(slash < 0 ? name : name.substring(0, slash), List.of());
    List<Frame> wanted =
        slash < 0 ? frames : frames.stream().filter(f -> f.is(name.substring(slash + 1))).toList();
    if (!name.isEmpty() && wanted.isEmpty()) {
      throw new RigException(
          "%s: there is no recording or frame '%s'; recordings are %s"
              .formatted(list, name, String.join(", ", recordings.keySet())));
    }
    return wanted;
  }

  private static Map<String, List<Frame>> heldOut(
      Path root, SortedMap<String, List<Frame>> recordings, List<String> val) {
    List<String> held = val.isEmpty() ? List.of(recordings.lastKey()) : val;
    if (!recordings.keySet().containsAll(held) || held.size() >= recordings.size()) {
      throw new RigException(
          "%s: cannot hold out %s for validation and train on the rest; recordings are %s"
              .formatted(root, String.join(", ", held), String.join(", ", recordings.keySet())));
    }
    Map<String, List<Frame>> splits = new LinkedHashMap<>();
    for (boolean out : new boolean[] {false, true}) {
      splits.put(
          out ? "val" : "train",
          recordings.entrySet().stream()
              .filter(r -> held.contains(r.getKey()) == out)
              .flatMap(r -> r.getValue().stream())
              .toList());
    }
    return splits;
  }

  private static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new RigException(folder + ": no directory that can be read", e);
    }
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new RigException(file + ": no such file", e);
    } catch (IOException e) {
      throw new RigException(
          file + ": cannot be read (" + e.getClass().getSimpleName() + "); expected UTF-8 text", e);
    }
  }

  private record Opened(ClassTable classes, Map<String, Split> all) implements Images {
    @Override
    public List<String> splits() {
      return List.copyOf(all.keySet());
    }

    @Override
    public Split split(String name) {
      if (!all.containsKey(name)) {
        throw new RigException(
            "data set recordings has no split '%s', only %s"
                .formatted(name, String.join(", ", all.keySet())));
      }
      return all.get(name);
    }
  }
}
