/**
 * For authors of plugins: templates, checks of a plugin before its installation, and the services
 * that the checks use.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.0.0")
package org.riglab.api.author;
