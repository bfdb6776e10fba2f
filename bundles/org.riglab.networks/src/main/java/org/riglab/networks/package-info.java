/**
 * Live networks for training, evaluation and checks: sessions that hold a network exclusively, and
 * what a network was trained on.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.networks;
