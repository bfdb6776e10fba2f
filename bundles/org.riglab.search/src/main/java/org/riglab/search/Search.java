package org.riglab.search;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.RigException;

/** A search that has been planned. */
@ProviderType
public interface Search {
  /**
   * @return the name of the search, with which the names of its networks begin
   */
  String name();

  /**
   * @return {@code random} or {@code evolution}
   */
  String method();

  /**
   * @return {@code METRIC[:class][:iteration]}, with {@code -} in front if smaller is better
   */
  String metric();

  /**
   * @return the seed of the proposals
   */
  long seed();

  /**
   * @return the largest number of trials
   */
  int runs();

  /**
   * @return the fields in order, with their ranges or choices as written
   */
  Map<String, Object> space();

  /**
   * @return the trials that are known before any has been executed
   * @throws RigException INVALID if the network or the training of one of them is not possible
   */
  List<Trial> preview();

  /**
   * Executes the search until all trials have ended. Continues one that was interrupted. Trials
   * that have ended are not repeated.
   *
   * @param log receives a line for each trial that ends or continues
   * @return the results
   * @throws RigException CONFLICT if another process executes the search, or one of this name has
   *     another plan; PART_FAILED if a run was paused or the thread was interrupted; INVALID if the
   *     network or the training of a trial is not possible
   */
  SearchResult execute(Consumer<String> log);

  /**
   * @param score of a trial
   * @return percent with two decimals, a loss with four; empty for NaN
   */
  String format(double score);
}
