/**
 * Common types: the base interface of all provider kinds, typed options, and the exception whose
 * message is intended for users.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package org.riglab.api;
