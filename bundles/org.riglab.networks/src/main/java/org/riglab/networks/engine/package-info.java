/** The PyTorch engine: devices, grad mode, and kernels that DJL does not offer. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.networks.engine;
