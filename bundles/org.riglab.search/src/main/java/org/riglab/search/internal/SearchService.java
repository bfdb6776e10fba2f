package org.riglab.search.internal;

import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Weights;
import org.riglab.api.lab.Lab;
import org.riglab.base.Feature;
import org.riglab.search.Search;
import org.riglab.search.SearchProgress;
import org.riglab.search.SearchRequest;
import org.riglab.search.Searches;

/** Plans searches whose runs are in the queue of the lab. */
@Feature(Feature.TRAINING)
@Component
public final class SearchService implements Searches {
  private final Networks networks;
  private final Weights weights;
  private final Trainer trainer;
  private final Lab lab;

  /**
   * @param networks assembles the networks of trials
   * @param weights reads the weights that networks start from
   * @param trainer checks the options of trainings
   * @param lab executes the runs
   */
  @Activate
  public SearchService(
      @Reference Networks networks,
      @Reference Weights weights,
      @Reference Trainer trainer,
      @Reference Lab lab) {
    this.networks = networks;
    this.weights = weights;
    this.trainer = trainer;
    this.lab = lab;
  }

  @Override
  public Search plan(SearchRequest request) {
    SearchPlan plan = new SearchFile(networks, request).plan();
    return new PlannedSearch(plan, plan.halving(trainer), networks, weights, trainer, lab);
  }

  @Override
  public List<String> names() {
    return SearchState.names(networks.home());
  }

  @Override
  public SearchProgress progress(String name) {
    return SearchState.read(networks.home(), name);
  }
}
