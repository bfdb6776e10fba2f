package org.riglab.api.bench;

import java.util.List;

/**
 * A provider that is there, and where it comes from.
 *
 * @param kind backbone, head, gate, unroll, dataset or metric
 * @param name what a spec calls it
 * @param about one line for people; may be empty
 * @param options what can be set, in order of name
 * @param bundle symbolic name of its bundle
 * @param version version of its bundle
 * @param sha256 digest of its bundle's jar in hexadecimal
 * @param bundleId id of its bundle in this process
 */
public record PartInfo(
    String kind,
    String name,
    String about,
    List<OptionInfo> options,
    String bundle,
    String version,
    String sha256,
    long bundleId) {}
