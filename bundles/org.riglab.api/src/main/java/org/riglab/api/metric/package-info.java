/** Metrics as accumulators over pairs of prediction and label maps. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.api.metric;
