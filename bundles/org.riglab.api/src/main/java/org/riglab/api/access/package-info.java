/**
 * Who may do what: three roles, each including the one before it, and those who have one. Every
 * face (shell over SSH, page, REST) asks here and decides nothing by itself.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package org.riglab.api.access;
