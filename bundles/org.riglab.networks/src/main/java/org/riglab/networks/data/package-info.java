/**
 * Images and label maps on their way to a network: batches, normalisation, resampling, prefetching,
 * and statistics of labels.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.networks.data;
