package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** Trains networks. One training per network at a time. */
@ProviderType
public interface Trainer {
  /**
   * @return all options, with the defaults of the default recipe
   */
  List<OptionInfo> options();

  /**
   * @return the built-in recipes and those in the home's {@code recipes}, sorted by name
   */
  List<Recipe> recipes();

  /**
   * @param name of a recipe, or a file that ends in {@code .json}
   * @return the recipe
   * @throws org.riglab.api.RigException if there is no such recipe, or its file is broken
   */
  Recipe recipe(String name);

  /**
   * A set of options of a training.
   *
   * @param name of the recipe, for the option {@code recipe}
   * @param about one line; may be empty
   * @param file its file; empty for a built-in one
   * @param options its options; others are those of the default recipe
   */
  record Recipe(String name, String about, String file, Map<String, Object> options) {}

  /**
   * Completes a spec from a recipe (option {@code recipe}) and given options. The pixel format is
   * that of the network's weights, unless recipe or options set another one.
   *
   * @param network name of the network
   * @param options by name as in {@link TrainSpec}, underscores or dashes between words; the values
   *     may be strings
   * @return the complete spec
   * @throws org.riglab.api.RigException if an option is unknown, ill-typed or out of range
   */
  TrainSpec plan(String network, Map<String, ?> options);

  /**
   * As {@link #plan(String, Map)}, for a network that need not exist: checks the options and uses
   * the pixel format of the recipe.
   *
   * @param options as above
   * @return the spec; the name of its network is empty
   * @throws org.riglab.api.RigException if an option is unknown, ill-typed or out of range
   */
  TrainSpec plan(Map<String, ?> options);

  /**
   * Checks the data, then trains until the end, a stop or an error. Checkpoints are written to
   * {@code runs/RUN} in the home. The network gets the trained weights at the end or at a stop.
   *
   * @param spec the training
   * @param observer receives the progress
   * @return the result
   * @throws org.riglab.api.RigException if the data are invalid, the loss is not finite or a part
   *     fails; the last checkpoint is kept
   */
  Training train(TrainSpec spec, Observer observer);

  /**
   * Continues the last run of the network, not of one that had its name before, from its last
   * checkpoint, with the same results as without the interruption; starts from the beginning if
   * there is no checkpoint or no run.
   *
   * @param network name of the network
   * @param options as for {@link #plan}; must not contradict the run, except that {@code workers},
   *     {@code threads}, {@code device}, {@code checkpoint_every}, {@code keep_every} and the place
   *     of equal {@code data} may differ. With {@code extend} (true), {@code steps}, {@code epochs}
   *     and {@code patience} may differ too, and a finished run continues. The observer is told
   *     what differs
   * @param observer receives the progress
   * @return the result; immediately if the run was finished
   */
  Training resume(String network, Map<String, ?> options, Observer observer);

  /**
   * As {@link #resume(String, Map, Observer)}, for a given run: starts a new run if the directory
   * contains none.
   *
   * @param network name of the network
   * @param run directory of the run; created if it does not exist
   * @param options as above if the run has started, else as for {@link #plan}
   * @param observer receives the progress
   * @return the result; immediately if the run was finished
   */
  Training resume(String network, Path run, Map<String, ?> options, Observer observer);
}
