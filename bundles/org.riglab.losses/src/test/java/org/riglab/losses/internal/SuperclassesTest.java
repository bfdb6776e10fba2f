package org.riglab.losses.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.datasets.internal.CamVidDataset;
import org.riglab.datasets.internal.VocDataset;
import org.riglab.parts.AnnotationOptions;

public class SuperclassesTest {
  private static final Path SHARED =
      Path.of(System.getProperty("riglab.shared", "../../../shared"), "data");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static ClassTable classes(Collection<String> names) {
    return new ClassTable(names.stream().map(name -> new ClassTable.Entry(name, 0)).toList());
  }

  private static ClassTable classes(String... names) {
    return classes(List.of(names));
  }

  private String file(String json) throws IOException {
    Path file = folder.newFile().toPath();
    Files.writeString(file, json);
    return file.toString();
  }

  private static String refused(String table, ClassTable classes) {
    String message =
        assertThrows(RigException.class, () -> Superclasses.of(table, classes)).getMessage();
    assertEquals(message, 1, message.lines().count());
    return message;
  }

  private static Map<String, Object> shipped(String name) {
    try (InputStream in =
        SuperclassesTest.class.getResourceAsStream("superclasses/" + name + ".json")) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> names(Object list) {
    return ((List<?>) list).stream().map(String.class::cast).toList();
  }

  @Test
  public void numbersFollowTheTableHoweverNamesAreWritten() throws IOException {
    String table =
        file("{\"superclasses\": {\"b\": [\"dining-table\", \"Sofa\"], \"a\": [\"cat\"]}}");
    assertEquals(List.of(1, 0, 0), Superclasses.of(table, classes("Cat", "DiningTable", "sofa")));
  }

  @Test
  public void aMisspeltKeyIsRefused() throws IOException {
    String table =
        file("{\"superclasses\": {\"b\": [\"x\"], \"a\": [\"y\"]}, \"optionel\": [\"y\"]}");
    assertEquals(
        "coarse table "
            + table
            + ": 'optionel' is unknown; allowed are optional, source, superclasses; the most"
            + " similar is optional",
        refused(table, classes("x", "y")));
  }

  @Test
  public void superclassesWithoutAClassOfTheDataAreLeftOut() throws IOException {
    String table =
        file(
            "{\"superclasses\": {\"a\": [\"x\"], \"b\": [\"y\"], \"c\": [\"z\"]},"
                + " \"optional\": [\"y\"]}");
    assertEquals(List.of(1, 0), Superclasses.of(table, classes("z", "x")));
  }

  @Test
  public void vocsFourGroupsAndBackground() {
    assumeTrue("no VOC at " + SHARED, Files.isDirectory(SHARED.resolve("VOCdevkit")));
    List<Integer> groups = Superclasses.of("voc2012", open(new VocDataset(), "VOCdevkit"));
    assertEquals(List.of(0, 3, 3, 2, 3, 4, 3, 3, 2, 4, 2, 4, 2, 2, 3, 1, 4, 2, 4, 3, 4), groups);
  }

  @Test
  public void camVidsElevenClasses() {
    assumeTrue("no CamVid at " + SHARED, Files.isDirectory(SHARED.resolve("CamVid")));
    List<Integer> groups = Superclasses.of("camvid", open(new CamVidDataset(), "CamVid"));
    // Sky, Building, Pole, Road, Pavement, Tree, SignSymbol, Fence, Car, Pedestrian, Bicyclist
    assertEquals(List.of(0, 3, 4, 2, 2, 1, 4, 3, 5, 6, 6), groups);
  }

  private static ClassTable open(Dataset dataset, String directory) {
    Options defaults = AnnotationOptions.check("dataset", dataset.options(), Map.of());
    return dataset.open(Optional.of(SHARED.resolve(directory)), defaults).classes();
  }

  @Test
  public void cocoStuffsHierarchy() {
    Map<String, Object> json = shipped("cocostuff10k");
    Map<?, ?> superclasses = (Map<?, ?>) json.get("superclasses");
    assertEquals(27, superclasses.size());
    List<String> all = new ArrayList<>();
    superclasses.values().forEach(members -> all.addAll(names(members)));
    assertEquals(182, all.size());
    assertEquals("no class twice", 182, all.stream().distinct().count());
    assertEquals(
        91,
        superclasses.entrySet().stream()
            .filter(e -> ((String) e.getKey()).endsWith("-things"))
            .mapToInt(e -> names(e.getValue()).size())
            .sum());
    List<String> optional = names(json.get("optional"));
    assertEquals(11, optional.size());
    assertTrue(all.containsAll(optional));

    List<Integer> whole = Superclasses.of("cocostuff10k", classes(all));
    assertEquals(26, (int) Collections.max(whole));
    List<String> used = new ArrayList<>(all);
    used.removeAll(optional);
    assertEquals(171, Superclasses.of("cocostuff10k", classes(used)).size());
    assertEquals(27, Superclasses.of("cocostuff10k", classes(used)).stream().distinct().count());
  }

  @Test
  public void saysWhatDoesNotFit() throws IOException {
    String table = file("{\"superclasses\": {\"a\": [\"x\"], \"b\": [\"y\", \"z\"]}}");
    assertEquals(
        "coarse table " + table + " is for 3 classes, the data have 4; it lacks 'w'",
        refused(table, classes("x", "y", "z", "w")));
    assertEquals(
        "coarse table " + table + " is for 3 classes, the data have 2; the data lack 'z'",
        refused(table, classes("x", "y")));
    assertEquals(
        "coarse table "
            + table
            + " is for 3 classes, the data have 3; it lacks 'v'; the data lack 'z'",
        refused(table, classes("x", "y", "v")));
    String message = refused("voc2012", classes("Sky", "Building", "Pole", "Road", "Tree"));
    assertEquals(
        "coarse table voc2012 is for 21 classes, the data have 5; it lacks 'Sky', 'Building',"
            + " 'Pole' and 2 more; the data lack 'background', 'person', 'bird' and 18 more",
        message);
  }

  @Test
  public void saysWhatIsWrongWithAFile() throws IOException {
    ClassTable two = classes("x", "y");
    assertTrue(refused(file("[1]"), two).contains("holds an array; expected a JSON object"));
    assertTrue(refused(file("{}"), two).contains("has no 'superclasses'"));
    assertTrue(refused(file("{\"superclasses\": [\"x\"]}"), two).contains("has no 'superclasses'"));
    assertTrue(
        refused(file("{\"superclasses\": {\"a\": \"x\"}}"), two)
            .endsWith(": 'a' must be a list of class names"));
    assertTrue(
        refused(file("{\"superclasses\": {\"a\": [\"x\", 3]}}"), two)
            .endsWith(": 'a' must be a list of class names"));
    assertTrue(
        refused(file("{\"superclasses\": {\"a\": [\"x\"], \"b\": [\"X\", \"y\"]}}"), two)
            .endsWith(" names class 'X' twice"));
    assertTrue(
        refused(file("{\"superclasses\": {\"a\": [\"x\", \"y\"]}}"), two)
            .endsWith(" has all classes in one superclass; two or more are needed"));
    assertEquals(
        "loss coarse-to-fine: option 'table' is '/no/such.json'; it must be camvid, cocostuff10k,"
            + " voc2012 or a file",
        refused("/no/such.json", two));
  }

  @Test
  public void shippedTablesSayWhereTheyAreFrom() {
    for (String name : Arrays.asList("camvid", "cocostuff10k", "voc2012")) {
      assertTrue(name, shipped(name).get("source").toString().length() > 20);
    }
  }

  @Test
  public void aServerDoesNotShowTheFile() throws IOException {
    String table = file("{\"superclasses\": {\"s3cret\": \"x\"}}");
    assertTrue(refused(table, classes("road")).contains("s3cret"));
    System.setProperty(FileContents.PROPERTY, "true");
    try {
      assertFalse(refused(table, classes("road")).contains("s3cret"));
    } finally {
      System.clearProperty(FileContents.PROPERTY);
    }
  }
}
