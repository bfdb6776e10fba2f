/**
 * What a plugin implements to take part in a network: backbones cut into stages, heads, gates, and
 * the unroll strategies that decide which runs when.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.0.0")
package org.riglab.api.network;
