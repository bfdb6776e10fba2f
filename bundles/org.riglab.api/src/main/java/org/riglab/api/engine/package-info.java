/**
 * The native engine and its devices: the configured libtorch, the GPUs that it uses, the
 * installation of a CUDA build and the test of a device. Only {@link
 * org.riglab.api.engine.DeviceTest} loads the engine.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.api.engine;
