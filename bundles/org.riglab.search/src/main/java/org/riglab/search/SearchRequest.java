package org.riglab.search;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A search as a user describes it.
 *
 * @param what name of a file {@code *.json}, or of the network whose spec is searched
 * @param options keys of the file with values that replace those of the file
 * @param over {@code FIELD=VALUES}, which replace fields of the file
 * @param train options of the training, which replace those of the file
 * @param files resolves the name of a file; refuses those that the user may not read
 */
public record SearchRequest(
    String what,
    Map<String, Object> options,
    List<String> over,
    Map<String, String> train,
    Function<String, Path> files) {
  /** Copies the collections. */
  public SearchRequest {
    options = Map.copyOf(options);
    over = List.copyOf(over);
    train = Map.copyOf(train);
  }
}
