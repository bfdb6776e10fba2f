/**
 * The parts of a network that plugins can implement: backbones, heads, gates, and unroll
 * strategies.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("2.1.0")
package org.riglab.api.network;
