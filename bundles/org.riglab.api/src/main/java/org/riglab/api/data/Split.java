package org.riglab.api.data;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** A list of labelled images with random access. Thread safe. */
@ConsumerType
public interface Split {
  /**
   * @return number of images
   */
  int size();

  /**
   * @param index 0 to size-1
   * @return a name that is unique in this split: valid as a file name, or as a relative path of
   *     such names with slashes
   */
  String id(int index);

  /**
   * Reads or generates one image; every call returns an equal sample.
   *
   * @param index 0 to size-1
   * @return the image and its label
   * @throws org.riglab.api.RigException if a file is missing or unreadable, or image and label
   *     differ in size; the message names the file
   */
  Sample sample(int index);

  /**
   * Marks the parts of an image that tell the class of an object, if the data set knows them. They
   * are used for analyses only.
   *
   * @param index 0 to size-1
   * @return H*W bytes, row by row, 1 for a diagnostic part, else 0; empty if not known
   */
  default byte[] parts(int index) {
    return new byte[0];
  }

  /**
   * @return a SHA-256 in hexadecimal that changes with any image, any label and their order
   */
  String fingerprint();

  /**
   * What samples do not show and a check should tell: for example files that are not used.
   *
   * @return a line for each; by default none
   */
  default List<String> remarks() {
    return List.of();
  }

  /**
   * What a sample does not show and a check should tell: for example an orientation that is not
   * applied.
   *
   * @param index 0 to size-1
   * @return a line for each; by default none
   * @throws org.riglab.api.RigException if a file is missing or unreadable
   */
  default List<String> remarks(int index) {
    return List.of();
  }
}
