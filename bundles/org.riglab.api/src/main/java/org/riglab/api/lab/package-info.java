/**
 * The lab: trainings and evaluations as runs that are queued, monitored, compared and stored. It is
 * the only API that user interfaces (shell, page, REST) need for runs. All types are plain data
 * that can be written as JSON; maps contain strings, numbers, booleans, lists and maps only.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.3.0")
package org.riglab.api.lab;
