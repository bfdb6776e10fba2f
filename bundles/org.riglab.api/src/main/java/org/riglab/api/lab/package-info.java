/**
 * The lab: trainings and evaluations as runs that are queued, watched, compared and kept. A face
 * (shell, page, REST) needs nothing else of it. Everything here is plain data that may be written
 * as JSON; maps hold strings, numbers, booleans, lists and maps only.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.2.0")
package org.riglab.api.lab;
