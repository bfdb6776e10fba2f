/**
 * Services for hosts: the registry of parts and their leases, networks, training, evaluation,
 * plugins and reports.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.1.0")
package org.riglab.api.bench;
