package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.riglab.api.bench.Evaluator;

/**
 * Options that select the images of an evaluation.
 *
 * @param dataset as in {@link Parts}
 * @param data its directory
 * @param split of the data set
 * @param limit number of images
 * @param resize of images
 */
record ImageOptions(
    @Descriptor("PART: data set; default: that of the training")
        @Parameter(
            names = {"-d", "--dataset"},
            absentValue = "")
        Optional<String> dataset,
    @Descriptor("DIR: directory of the data set; default: that of the training")
        @Parameter(
            names = {"-D", "--data"},
            absentValue = "")
        Optional<Path> data,
    @Descriptor("SPLIT: split of the data set; default: its second one")
        @Parameter(
            names = {"-s", "--split"},
            absentValue = "")
        Optional<String> split,
    @Descriptor("N: maximum number of images")
        @Parameter(
            names = {"-l", "--limit"},
            absentValue = "")
        Optional<String> limit,
    @Descriptor("HxW: resizes each image to this size")
        @Parameter(
            names = {"-r", "--resize"},
            absentValue = "")
        Optional<String> resize) {
  /**
   * @param options receives those that are given, as {@link Evaluator#plan} takes them
   * @throws org.riglab.api.RigException if a size is not valid
   */
  void into(Map<String, Object> options) {
    dataset.ifPresent(v -> options.put("dataset", v));
    data.ifPresent(v -> options.put("data", v.toString()));
    split.ifPresent(v -> options.put("split", v));
    limit.ifPresent(v -> options.put("limit", v));
    resize.ifPresent(v -> options.put("resize", Specs.size(v)));
  }
}
