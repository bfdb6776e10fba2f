package org.riglab.search;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A search as a user describes it.
 *
 * @param what name of a file {@code *.json}, or of the network whose spec is searched
 * @param options keys of the file with values that replace those of the file
 * @param over {@code FIELD=VALUES}, which replace fields of the file
 * @param train options of the training, which replace those of the file
 * @param files that the user may name
 */
public record SearchRequest(
    String what,
    Map<String, Object> options,
    List<String> over,
    Map<String, String> train,
    Files files) {
  /** Names of files in a search. */
  public interface Files {
    /**
     * @param name of a file
     * @return where it is
     * @throws org.riglab.api.RigException DENIED if the user may not read it
     */
    Path file(String name);

    /**
     * @param option of the training, a field of the spec, or {@code PART.OPTION}
     * @param value of it in the file of the search, or one of its choices
     * @return the same; names of files as a run finds them
     * @throws org.riglab.api.RigException DENIED if the user may not name it
     */
    Object option(String option, Object value);
  }

  /** Copies the collections. */
  public SearchRequest {
    options = Map.copyOf(options);
    over = List.copyOf(over);
    train = Map.copyOf(train);
  }
}
