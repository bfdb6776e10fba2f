package org.riglab.templates.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;

/**
 * The files of a project. Needs nothing but Java: the Maven archetype in the same jar runs it, too.
 *
 * @param kind one of {@link #KINDS}
 * @param name of project and part
 * @param language one of {@link #LANGUAGES}
 * @param group Maven's groupId
 * @param packageName of the class
 * @param repository address of the Maven repository that has Riglab's artifacts
 * @param libraries Maven coordinates {@code group:artifact:version} of what the plugin carries
 *     along
 */
record ProjectSources(
    String kind,
    String name,
    String language,
    String group,
    String packageName,
    String repository,
    List<String> libraries) {
  static final List<String> KINDS =
      List.of("backbone", "dataset", "gate", "head", "loss", "metric", "transform", "unroll");
  static final List<String> LANGUAGES = List.of("java", "kotlin");
  static final String DEFAULT_GROUP = "example";

  private static final String RESOURCES = "/archetype-resources/";
  private static final int LONGEST_NAME = 60;
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final Pattern LIBRARY =
      Pattern.compile("([A-Za-z0-9_.-]+):([A-Za-z0-9_.-]+):([A-Za-z0-9_.-]+)");
  private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

  /**
   * @throws IllegalArgumentException if something is not what it must be; says what it must be
   */
  ProjectSources {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "there is no template for a '" + kind + "'; expected " + String.join(", ", KINDS));
    }
    if (!NAME.matcher(name).matches() || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' is no name for a part: write lower case letters and digits, words with a dash"
              + " between them, at most "
              + LONGEST_NAME
              + " characters, for example my-"
              + kind);
    }
    if (!LANGUAGES.contains(language)) {
      throw new IllegalArgumentException(
          "there is no template in '" + language + "'; expected " + String.join(", ", LANGUAGES));
    }
    if (!GROUP.matcher(group).matches()) {
      throw new IllegalArgumentException(
          "'" + group + "' is no Maven group: write words with dots between them, as org.example");
    }
    for (String library : libraries) {
      if (!LIBRARY.matcher(library).matches()) {
        throw new IllegalArgumentException(
            "'" + library + "' is no Maven coordinate: write group:artifact:version");
      }
    }
    libraries = List.copyOf(libraries);
    if (packageName.isEmpty()) {
      packageName = group.replace('-', '_') + "." + name.replace("-", "");
    }
    if (!SourceVersion.isName(packageName)) {
      throw new IllegalArgumentException(
          "'" + packageName + "' is no name of a Java package; give another, as org.example.parts");
    }
  }

  /**
   * @return the name of the class: the words of the name, ending in the kind
   */
  String className() {
    String words = Arrays.stream(name.split("-")).map(this::capital).collect(Collectors.joining());
    String end = capital(kind);
    return words.endsWith(end) && !words.equals(end) ? words : words + end;
  }

  private String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  /**
   * @return where the class is, in the project
   */
  Path part() {
    return source("main", className());
  }

  private Path source(String folder, String type) {
    return Path.of("src", folder, language, packageName.replace('.', '/'), type + ending());
  }

  private String ending() {
    return language.equals("kotlin") ? ".kt" : ".java";
  }

  /**
   * @return what is in each file of the project
   * @throws IOException if the templates cannot be read
   */
  Map<Path, String> files() throws IOException {
    Map<Path, String> files = new TreeMap<>();
    files.put(part(), filled(kind + "/Part" + ending() + ".txt"));
    files.put(source("test", className() + "Test"), filled(kind + "/PartTest" + ending() + ".txt"));
    files.put(Path.of("pom.xml"), filled(language + "/pom.xml"));
    files.put(Path.of("README.md"), filled("README.md"));
    files.put(Path.of(".gitignore"), filled("gitignore"));
    return files;
  }

  private String filled(String template) throws IOException {
    return text(template)
        .replace("__use__", text(kind + "/use.txt").stripTrailing())
        .replace("__source__", part().toString().replace('\\', '/'))
        .replace("__dependencies__", dependencies())
        .replace("__embed__", embed())
        .replace("__kind__", kind.equals("dataset") ? "data set" : kind)
        .replace("__package__", packageName)
        .replace("__Class__", className())
        .replace("__group__", group)
        .replace("__repository__", repository.replace("&", "&amp;").replace("<", "&lt;"))
        .replace("__name__", name);
  }

  private String dependencies() {
    StringBuilder text = new StringBuilder();
    for (String library : libraries) {
      String[] words = library.split(":");
      text.append(
          "    <!-- Packed into the plugin. -->\n"
              + "    <dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>\n"
                  .formatted(words[0], words[1], words[2]));
    }
    return text.toString();
  }

  /** The jars go into the bundle; what they use only in part need not be there. */
  private String embed() {
    if (libraries.isEmpty()) {
      return "";
    }
    String jars =
        libraries.stream()
            .map(library -> library.split(":"))
            .map(words -> "lib/%1$s.jar=%1$s-%2$s.jar;lib:=true".formatted(words[1], words[2]))
            .collect(Collectors.joining(", "));
    return """
    -includeresource: %s
    Import-Package: org.riglab.*, ai.djl.*, *;resolution:=optional
    """
        .formatted(jars);
  }

  private static String text(String template) throws IOException {
    try (InputStream in = ProjectSources.class.getResourceAsStream(RESOURCES + template)) {
      if (in == null) {
        throw new FileNotFoundException(RESOURCES + template);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
