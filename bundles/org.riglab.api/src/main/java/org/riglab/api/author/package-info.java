/**
 * For authors of plugins: what checks a plugin before anybody installs it, and what such checks
 * need of the bench.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.0.0")
package org.riglab.api.author;
