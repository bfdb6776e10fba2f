/** The job: runs in processes of Spark, on a plain class path. */
package org.riglab.spark.job;
