/**
 * Reads images and label maps from PNG and JPEG files, bit by bit as they were written, and
 * resizes, cuts and mirrors them.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package org.riglab.images;
