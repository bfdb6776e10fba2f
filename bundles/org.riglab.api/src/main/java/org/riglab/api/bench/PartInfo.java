package org.riglab.api.bench;

import java.util.List;

/**
 * An available provider and its bundle.
 *
 * @param kind backbone, head, gate, unroll, dataset, metric, loss or transform
 * @param name in specs
 * @param about one line for users; may be empty
 * @param options its options, in order of name
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
