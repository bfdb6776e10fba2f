/**
 * What a training is made of beside network and data: losses, and the random changes of images that
 * a network is trained on.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.api.training;
