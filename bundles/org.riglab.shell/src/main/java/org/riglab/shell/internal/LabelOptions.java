package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;

/**
 * Options that select the labels of a data set.
 *
 * @param data directory of the data set
 * @param split of the data set
 * @param resize of labels
 */
record LabelOptions(
    @Descriptor("DIR: directory of the data set; generated data sets have none")
        @Parameter(
            names = {"-D", "--data"},
            absentValue = "")
        Optional<Path> data,
    @Descriptor("SPLIT: split of the data set; default: its first one")
        @Parameter(
            names = {"-s", "--split"},
            absentValue = "")
        Optional<String> split,
    @Descriptor("HxW: resizes each label to this size first, as train --resize does")
        @Parameter(
            names = {"-r", "--resize"},
            absentValue = "")
        Optional<String> resize) {}
