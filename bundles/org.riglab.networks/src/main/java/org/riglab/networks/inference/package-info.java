/** How images run through a network: whole, in windows, at several scales. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.networks.inference;
