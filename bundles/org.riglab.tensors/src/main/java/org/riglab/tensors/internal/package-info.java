/** Tensors in files: safetensors in and out, and files that are either whole or not there. */
package org.riglab.tensors.internal;
