/**
 * What every part of the bench shares: the root of all provider kinds, typed options, and the one
 * exception whose message is meant for a person.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package org.riglab.api;
