/** Parts of a training other than network and data: losses, and random transforms of images. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.api.training;
