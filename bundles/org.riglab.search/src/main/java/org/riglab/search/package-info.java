/**
 * Searches for the best values of training options and fields of a network's spec, with runs in the
 * queue.
 */
@Export
@Version("0.2.0")
package org.riglab.search;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
