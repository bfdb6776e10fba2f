/** Files from Maven repositories, for bundles that install third-party programs. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.engine.maven;
