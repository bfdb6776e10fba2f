/**
 * The contracts of parts as JUnit 4 classes to extend: a part that holds its contract works in any
 * network, and can be exchanged while that runs.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package org.riglab.testkit;
