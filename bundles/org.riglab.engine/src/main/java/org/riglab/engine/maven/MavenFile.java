package org.riglab.engine.maven;

/**
 * A jar in Maven repositories.
 *
 * @param group of its coordinate
 * @param name of its coordinate
 * @param version of its coordinate
 * @param classifier of its coordinate; empty for none
 * @param bytes its size
 * @param sha256 its digest, hexadecimal
 */
public record MavenFile(
    String group, String name, String version, String classifier, long bytes, String sha256) {
  /**
   * @return its file name in a repository
   */
  public String jar() {
    return name + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
  }
}
