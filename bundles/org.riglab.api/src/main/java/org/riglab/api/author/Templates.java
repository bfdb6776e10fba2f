package org.riglab.api.author;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Generates plugin projects with a class, a test and a Maven build. Thread safe. */
@ProviderType
public interface Templates {
  /**
   * @return the kinds of parts with a template, sorted
   */
  List<String> kinds();

  /**
   * @return the languages of the templates; the first one is the default
   */
  List<String> languages();

  /**
   * Writes a project. On failure the directory is unchanged.
   *
   * @param request properties of the project
   * @param directory directory of the project; must be empty if it exists
   * @return the generated project
   * @throws org.riglab.api.RigException if the request is invalid, a part of that name exists, or
   *     the directory cannot be written
   */
  Project write(Request request, Path directory);

  /**
   * Properties of a project.
   *
   * @param kind one of {@link #kinds()}
   * @param name of the part, and of the project: lower case letters, digits and dashes
   * @param language one of {@link #languages()}
   * @param group Maven's groupId; {@code example} if empty
   * @param packageName of the class; the group's, followed by the name without dashes, if empty
   * @param libraries Maven coordinates {@code group:artifact:version} of libraries that are packed
   *     into the plugin
   */
  record Request(
      String kind,
      String name,
      String language,
      Optional<String> group,
      Optional<String> packageName,
      List<String> libraries) {
    /**
     * Copies the list.
     *
     * @param kind see {@link #kind()}
     * @param name see {@link #name()}
     * @param language see {@link #language()}
     * @param group see {@link #group()}
     * @param packageName see {@link #packageName()}
     * @param libraries see {@link #libraries()}
     */
    public Request {
      libraries = List.copyOf(libraries);
    }

    /**
     * A project without libraries.
     *
     * @param kind see {@link #kind()}
     * @param name see {@link #name()}
     * @param language see {@link #language()}
     * @param group see {@link #group()}
     * @param packageName see {@link #packageName()}
     */
    public Request(
        String kind,
        String name,
        String language,
        Optional<String> group,
        Optional<String> packageName) {
      this(kind, name, language, group, packageName, List.of());
    }
  }

  /**
   * A generated project.
   *
   * @param directory of the project
   * @param files its files, relative to the directory, sorted
   * @param part the file of the part itself
   * @param jar path of the plugin after the build, relative to the directory
   */
  record Project(Path directory, List<Path> files, Path part, Path jar) {
    /**
     * Copies the list.
     *
     * @param directory see {@link #directory()}
     * @param files see {@link #files()}
     * @param part see {@link #part()}
     * @param jar see {@link #jar()}
     */
    public Project {
      files = List.copyOf(files);
    }
  }
}
