/**
 * What a host calls: the registry of parts and their leases, networks, training, evaluation,
 * plugins and pictures.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.0.0")
package org.riglab.api.bench;
