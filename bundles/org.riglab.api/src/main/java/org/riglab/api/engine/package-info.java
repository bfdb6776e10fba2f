/**
 * The native engine and its devices: which libtorch is set up, which GPUs it computes on, how a
 * CUDA build is installed and how a device is tested. Nothing here loads the engine, except {@link
 * org.riglab.api.engine.DeviceTest}.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.api.engine;
