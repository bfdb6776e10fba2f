/** What checks of the training arithmetic need of the trainer. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package org.riglab.training;
