/**
 * Authorisation: three roles, each including the one before it, and principals with a role. All
 * user interfaces (shell over SSH, page, REST) use it for their decisions.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.api.access;
