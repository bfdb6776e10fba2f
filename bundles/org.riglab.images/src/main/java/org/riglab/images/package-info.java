/** Reads pictures and label maps from PNG and JPEG files, bit by bit as they were written. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.images;
