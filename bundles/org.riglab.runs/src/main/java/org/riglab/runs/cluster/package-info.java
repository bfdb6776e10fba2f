/** Where a server executes runs that its own workers do not: the queue of a cluster. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.runs.cluster;
