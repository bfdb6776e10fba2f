package org.riglab.api.data;

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
   * @return a name that is unique in this split and valid as a file name
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
   * @return a SHA-256 in hexadecimal that changes with any image, any label and their order
   */
  String fingerprint();
}
