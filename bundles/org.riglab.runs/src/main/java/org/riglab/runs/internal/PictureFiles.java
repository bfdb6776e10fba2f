package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.lab.Gallery.GateMap;
import org.riglab.api.lab.Gallery.Listing;
import org.riglab.api.lab.Gallery.Picture;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;

/** Pictures as they lie in folders. */
final class PictureFiles {
  /** Describes a picture. */
  static final String ABOUT = "picture.json";

  static final String PNG = ".png";
  static final Pattern GATE = Pattern.compile("gate\\.(\\d+)\\.t(\\d+)");

  private PictureFiles() {}

  /** Share of the pixels that count, per iteration; NaN where none counts. */
  static List<Double> accuracies(byte[] truth, List<byte[]> predictions) {
    List<Double> shares = new ArrayList<>();
    for (byte[] labels : predictions) {
      long right = 0;
      long all = 0;
      for (int i = 0; i < labels.length; i++) {
        if ((truth[i] & 0xff) != Dataset.VOID) {
          all++;
          right += labels[i] == truth[i] ? 1 : 0;
        }
      }
      shares.add((double) right / all);
    }
    return shares;
  }

  static Map<String, Object> json(Listing listing) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("network", listing.network());
    json.put("images", listing.images());
    json.put("kept", listing.kept());
    json.put("classes", listing.classes().entries());
    return json;
  }

  static Listing listing(Map<String, Object> json) {
    List<String> images = new ArrayList<>();
    list(json.get("images")).forEach(image -> images.add(String.valueOf(image)));
    List<Integer> kept = new ArrayList<>();
    list(json.get("kept")).forEach(index -> kept.add(((Number) index).intValue()));
    List<ClassTable.Entry> classes = new ArrayList<>();
    for (Object entry : list(json.get("classes"))) {
      Map<?, ?> e = (Map<?, ?>) entry;
      classes.add(
          new ClassTable.Entry(String.valueOf(e.get("name")), ((Number) e.get("rgb")).intValue()));
    }
    return new Listing(
        String.valueOf(json.get("network")),
        images,
        kept,
        new ClassTable(classes),
        false,
        List.of(),
        List.of());
  }

  static List<?> list(Object json) {
    return json instanceof List<?> list ? list : List.of();
  }

  static Picture read(Path folder, boolean kept) {
    Map<String, Object> about = about(folder.resolve(ABOUT));
    List<Double> accuracy = new ArrayList<>();
    list(about.get("accuracy")).forEach(share -> accuracy.add(number(share)));
    List<GateMap> gates = new ArrayList<>();
    ((Map<?, ?>) about.get("gates"))
        .forEach(
            (name, range) -> {
              Matcher matcher = GATE.matcher(String.valueOf(name));
              if (matcher.matches()) {
                gates.add(
                    new GateMap(
                        matcher.group(),
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        number(list(range).get(0)),
                        number(list(range).get(1))));
              }
            });
    Map<String, byte[]> layers = new LinkedHashMap<>();
    try {
      for (Object layer : list(about.get("layers"))) {
        layers.put(
            String.valueOf(layer),
            Files.readAllBytes(RunFolder.within(folder, folder.resolve(layer + PNG))));
      }
    } catch (IOException e) {
      throw FileFailures.reading(folder, e);
    }
    return new Picture(
        String.valueOf(about.get("image")),
        ((Number) about.get("height")).intValue(),
        ((Number) about.get("width")).intValue(),
        kept,
        accuracy,
        gates,
        layers);
  }

  static Map<String, Object> about(Path file) {
    try {
      return Json.parse(JsonColumns.defined(Files.readString(file)), file.toString());
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /** Null is NaN. */
  static double number(Object json) {
    return json instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  static void delete(Path folder) {
    if (folder == null || !Files.exists(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    }
  }
}
