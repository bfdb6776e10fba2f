/**
 * What several bundles of the host need and the Java platform does not have: JSON that is read
 * strictly, files that are replaced in one step, SHA-256, the spelling of names, interrupts and the
 * exit of the process, and the statistics that tables of runs are made from.
 */
@Export
@Version("0.2.0")
package org.riglab.base;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
