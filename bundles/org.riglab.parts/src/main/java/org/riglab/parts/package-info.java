/**
 * What the host needs of parts beyond the registry of the API: events, steps that keep a bundle
 * from stopping, and the options of parts and specs.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.parts;
