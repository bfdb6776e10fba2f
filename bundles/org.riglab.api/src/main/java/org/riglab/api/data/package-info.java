/** Data sets as splits of labelled images with a table of classes. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package org.riglab.api.data;
