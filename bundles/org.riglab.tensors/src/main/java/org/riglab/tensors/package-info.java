/**
 * Weight files as named tensors on the heap: reading safetensors, npz and the files of {@code
 * torch.save}, told apart by content; writing safetensors. Needs no engine.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.tensors;
