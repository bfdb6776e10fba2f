package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;

/**
 * Options of commands that queue runs of a network.
 *
 * @param spec a file to start from
 * @param priority in the queue
 * @param after ids of runs that must be done first
 * @param title for display
 */
record QueueOptions(
    @Descriptor("FILE: assembles the network from this spec first")
        @Parameter(
            names = {"-S", "--spec"},
            absentValue = "")
        Optional<Path> spec,
    @Descriptor("N: priority; runs with a higher priority start first")
        @Parameter(
            names = {"-P", "--priority"},
            absentValue = "0")
        int priority,
    @Descriptor("ID,...: runs that must be done first")
        @Parameter(
            names = {"-a", "--after"},
            absentValue = "")
        Optional<String> after,
    @Descriptor("TEXT: name of the run; default: the name of the network")
        @Parameter(
            names = {"-n", "--title"},
            absentValue = "")
        Optional<String> title) {}
