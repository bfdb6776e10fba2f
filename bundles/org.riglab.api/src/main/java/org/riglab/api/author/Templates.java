package org.riglab.api.author;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Writes projects to start a plugin from: complete and small, with a class, a test and a build of
 * their own. Thread safe.
 */
@ProviderType
public interface Templates {
  /**
   * @return the kinds of part there is a template for, sorted
   */
  List<String> kinds();

  /**
   * @return the languages a template can be in; the first one goes without saying
   */
  List<String> languages();

  /**
   * Writes a project. On failure the directory is as it was.
   *
   * @param request what to write
   * @param directory the project's own; made if need be, else it must be empty
   * @return what was written
   * @throws org.riglab.api.RigException if something in the request is not what it must be, a part
   *     of that name is there already, or the directory cannot be written
   */
  Project write(Request request, Path directory);

  /**
   * What to write.
   *
   * @param kind one of {@link #kinds()}
   * @param name of the part, and of the project: lower case letters, digits and dashes
   * @param language one of {@link #languages()}
   * @param group Maven's groupId; {@code example} if empty
   * @param packageName of the class; the group's, followed by the name without dashes, if empty
   */
  record Request(
      String kind,
      String name,
      String language,
      Optional<String> group,
      Optional<String> packageName) {}

  /**
   * A project that was written.
   *
   * @param directory where it is
   * @param files relative to it, sorted
   * @param part the file of the part itself
   * @param jar where its build puts the plugin, relative to the directory
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
