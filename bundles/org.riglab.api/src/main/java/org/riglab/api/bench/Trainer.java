package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** Trains networks. One training per network at a time. */
@ProviderType
public interface Trainer {
  /**
   * @return everything that can be set, with the defaults of the default recipe
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
   * Settings of a training that go together.
   *
   * @param name by which option {@code recipe} finds it
   * @param about one line; may be empty
   * @param file where it is written; empty for a built-in one
   * @param options what it sets; the default recipe says the rest
   */
  record Recipe(String name, String about, String file, Map<String, Object> options) {}

  /**
   * Completes a spec from a recipe (option {@code recipe}) and given options. What pixels the
   * network's weights want holds, unless recipe or options say another.
   *
   * @param network name of the network
   * @param options by name as in {@link TrainSpec}, underscores or dashes between words; the values
   *     may be strings
   * @return the complete spec
   * @throws org.riglab.api.RigException if an option is unknown, ill-typed or out of range
   */
  TrainSpec plan(String network, Map<String, ?> options);

  /**
   * As {@link #plan(String, Map)}, of a network that need not be there yet: checks the options, and
   * takes the pixels of the recipe.
   *
   * @param options as above
   * @return the spec, whose network has no name
   * @throws org.riglab.api.RigException if an option is unknown, ill-typed or out of range
   */
  TrainSpec plan(Map<String, ?> options);

  /**
   * Checks the data, then trains to the end, a stop or an error. Checkpoints go to the home's
   * {@code runs/RUN}; the network gets the trained weights at the end or at a stop.
   *
   * @param spec what to do
   * @param observer watches
   * @return what came of it
   * @throws org.riglab.api.RigException if the data are bad, the loss is not finite or a part
   *     misbehaves; the last checkpoint stays
   */
  Training train(TrainSpec spec, Observer observer);

  /**
   * Continues the network's last run from its last checkpoint, to the same numbers as if it had
   * never stopped; from the beginning where there is no checkpoint or no run yet.
   *
   * @param network name of the network
   * @param options as for {@link #plan}; must not contradict the run
   * @param observer watches
   * @return what came of it; at once if the run was finished
   */
  Training resume(String network, Map<String, ?> options, Observer observer);

  /**
   * As {@link #resume(String, Map, Observer)}, with a run of the caller's choice: starts it in a
   * directory that holds none yet.
   *
   * @param network name of the network
   * @param run directory of the run; made if need be
   * @param options as for {@link #plan}; must not contradict the run where it has started
   * @param observer watches
   * @return what came of it; at once if the run was finished
   */
  Training resume(String network, Path run, Map<String, ?> options, Observer observer);
}
