/**
 * Writes TorchScript archives: code that the native library runs in one call, with or without
 * weights.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.nn.script;
