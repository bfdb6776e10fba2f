package org.riglab.api.data;

import org.osgi.annotation.versioning.ConsumerType;

/** A list of labelled images with random access. Thread safe. */
@ConsumerType
public interface Split {
  /**
   * @return how many images there are
   */
  int size();

  /**
   * @param index 0 to size-1
   * @return a name that is unique in this split and fit for a file name
   */
  String id(int index);

  /**
   * Reads or makes one image; equal at every call.
   *
   * @param index 0 to size-1
   * @return the image and its label
   * @throws org.riglab.api.RigException if a file is missing or unreadable, or image and label
   *     differ in size; names the file
   */
  Sample sample(int index);

  /**
   * @return a SHA-256 in hexadecimal that differs when any image, label or their order does
   */
  String fingerprint();
}
