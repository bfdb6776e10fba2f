/** Labelling many images: what the engines for that share. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.networks.bulk;
