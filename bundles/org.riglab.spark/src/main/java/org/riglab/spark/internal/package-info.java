/** The command's side: checks, exports the network and starts the driver of a job. */
package org.riglab.spark.internal;
