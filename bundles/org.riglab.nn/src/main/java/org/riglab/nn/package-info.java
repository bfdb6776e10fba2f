/**
 * Layers, losses and initialisers on top of DJL, with PyTorch's names, defaults and semantics. All
 * computations use NDArray and NDArrayEx only, on (N, C, H, W) float arrays.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.1.0")
package org.riglab.nn;
