/**
 * TorchScript archives written from Java: code that the native library runs in one call, with or
 * without the weights.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.nn.script;
