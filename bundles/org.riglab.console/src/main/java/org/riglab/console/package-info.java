/** The shell for remote users, whose lines and terminals another bundle provides. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.2.0")
package org.riglab.console;
