package org.riglab.datasets.internal;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.riglab.api.RigException;
import org.riglab.images.ImageFiles;

/**
 * The files of a folder and its sub-folders. An id is the path from the folder, with slashes and
 * without the ending; endings may be in any case. Symbolic links are followed.
 */
final class FileIndex {
  private static final Set<String> CLUTTER = Set.of("thumbs.db", "desktop.ini", "__macosx");
  private static final int DEEPEST = 32;

  /** Files that a line names. */
  static final int NAMED = 3;

  private final Path folder;
  private final SortedMap<String, Path> files = new TreeMap<>();
  private final Map<String, Path> twins = new LinkedHashMap<>();
  private final Map<String, List<String>> skipped = new TreeMap<>();

  private FileIndex(Path folder) {
    this.folder = folder;
  }

  /**
   * @param folder where the files are
   * @param without folders inside of it that are left out
   * @param wanted whether a file of that name is looked for
   * @return the files
   * @throws RigException if the folder is missing or cannot be read
   */
  static FileIndex of(Path folder, List<Path> without, Predicate<String> wanted) {
    FileIndex index = new FileIndex(folder);
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          DEEPEST,
          index.new Visitor(List.copyOf(without), wanted));
    } catch (IOException e) {
      throw new RigException(folder + ": cannot be read (" + e.getMessage() + ")", e);
    }
    return index;
  }

  /** The images of a folder. */
  static FileIndex images(Path folder, Path... without) {
    return of(folder, List.of(without), ImageFiles::named);
  }

  /** What can be label maps as images. */
  static FileIndex maps(Path folder, Path... without) {
    return of(folder, List.of(without), ImageFiles::namedAsMap);
  }

  /** Files of label maps in MATLAB's format. */
  static FileIndex matrices(Path folder) {
    return of(folder, List.of(), name -> name.toLowerCase(Locale.ROOT).endsWith(".mat"));
  }

  /**
   * @return files by id, in order
   * @throws RigException if two have one id
   */
  SortedMap<String, Path> files() {
    twins.forEach((id, path) -> requireOne(id));
    return files;
  }

  /**
   * @return ids in order, also of files of which there are two
   */
  Set<String> ids() {
    return files.keySet();
  }

  /**
   * @param id as in {@link #files}
   * @return the file
   * @throws RigException if there are two
   */
  Optional<Path> file(String id) {
    String key = normal(id);
    requireOne(key);
    return Optional.ofNullable(files.get(key));
  }

  private void requireOne(String id) {
    Path twin = twins.get(id);
    if (twin != null) {
      throw new RigException(
          "%s and %s have the same name but for the ending, expected one of them"
              .formatted(files.get(id), twin.getFileName()));
    }
  }

  /** How lists find files here. */
  Lists.Names names() {
    return new Lists.Names(this::exact, this::tail);
  }

  /**
   * @param text a path from the folder, with or without ending
   * @return the id of the file
   */
  Optional<String> exact(String text) {
    for (String path : List.of(text, slashes(text))) {
      String name = normal(path.startsWith("./") ? path.substring(2) : path);
      for (String id : List.of(name, Lists.stem(name))) {
        if (files.containsKey(id)) {
          return Optional.of(id);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * @param text a path from anywhere, with or without ending
   * @return the id of the file whose path is the longest tail of the text
   */
  Optional<String> tail(String text) {
    String rest = slashes(text);
    Optional<String> found = exact(text);
    while (found.isEmpty() && rest.indexOf('/') >= 0) {
      rest = rest.substring(rest.indexOf('/') + 1);
      found = exact(rest);
    }
    return found;
  }

  private static String slashes(String text) {
    return text.replace('\\', '/');
  }

  /** File systems and lists may compose letters with accents in different ways. */
  static String normal(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  /**
   * @return one line per kind of files that are not used; none if there are none
   */
  List<String> skipped() {
    List<String> lines = new ArrayList<>();
    skipped.forEach(
        (why, names) ->
            lines.add(
                "%d %s in %s skipped (%s): %s%s"
                    .formatted(
                        names.size(),
                        names.size() == 1 ? "file" : "files",
                        folder,
                        why,
                        String.join(", ", names.subList(0, Math.min(NAMED, names.size()))),
                        names.size() > NAMED ? ", ..." : "")));
    return lines;
  }

  private final class Visitor extends SimpleFileVisitor<Path> {
    private final List<Path> without;
    private final Predicate<String> wanted;

    Visitor(List<Path> without, Predicate<String> wanted) {
      this.without = without;
      this.wanted = wanted;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      if (directory.equals(folder)) {
        return FileVisitResult.CONTINUE;
      }
      if (isHidden(directory)) {
        skip("hidden", directory);
        return FileVisitResult.SKIP_SUBTREE;
      }
      return without.contains(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = String.valueOf(file.getFileName());
      if (isHidden(file)) {
        skip("hidden", file);
      } else if (!wanted.test(name)) {
        skip("other kinds of files", file);
      } else {
        String id = normal(Lists.stem(path(file)));
        Path before = files.putIfAbsent(id, file);
        if (before != null) {
          boolean later = before.compareTo(file) < 0;
          files.put(id, later ? before : file);
          twins.put(id, later ? file : before);
        }
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof FileSystemLoopException) {
        skip("links to a folder above", file);
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    private boolean isHidden(Path file) {
      String name = String.valueOf(file.getFileName());
      return name.startsWith(".") || CLUTTER.contains(name.toLowerCase(Locale.ROOT));
    }

    private String path(Path file) {
      return slashes(folder.relativize(file).toString());
    }

    private void skip(String why, Path file) {
      skipped.computeIfAbsent(why, key -> new ArrayList<>()).add(path(file));
    }
  }
}
