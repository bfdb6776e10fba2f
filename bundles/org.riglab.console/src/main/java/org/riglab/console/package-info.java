/** Runs the shell for people elsewhere: lines and terminals that come in by another bundle. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.2.0")
package org.riglab.console;
