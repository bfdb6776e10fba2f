package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;

/**
 * Options of predictions of many images.
 *
 * @param input directory or table of many images
 * @param engine that labels many images
 * @param master URL of a cluster
 * @param cluster properties of a cluster
 */
record BulkOptions(
    @Descriptor(
            "DIR|FILE: labels all images of a directory; with --engine spark also those of a"
                + " Parquet file, or of a directory of these")
        @Parameter(
            names = {"-I", "--input"},
            absentValue = "")
        Optional<Path> input,
    @Descriptor("libtorch|spark: computes in this process or on a cluster of Spark")
        @Parameter(
            names = {"-e", "--engine"},
            absentValue = BulkOptions.LOCAL)
        String engine,
    @Descriptor("URL: spark://HOST:PORT of the cluster's master, or local[N] for N threads")
        @Parameter(
            names = {"-M", "--master"},
            absentValue = "")
        String master,
    @Descriptor(
            "KEY=VALUE,...: properties of Spark, for example"
                + " spark.executor.memory=8g,spark.cores.max=64")
        @Parameter(
            names = {"-c", "--cluster"},
            absentValue = "")
        String cluster) {
  /** The engine of this process. */
  static final String LOCAL = "libtorch";
}
