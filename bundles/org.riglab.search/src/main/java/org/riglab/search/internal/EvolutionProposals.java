package org.riglab.search.internal;

import io.jenetics.DoubleChromosome;
import io.jenetics.DoubleGene;
import io.jenetics.EliteSelector;
import io.jenetics.GaussianMutator;
import io.jenetics.Genotype;
import io.jenetics.Phenotype;
import io.jenetics.TournamentSelector;
import io.jenetics.UniformCrossover;
import io.jenetics.engine.Engine;
import io.jenetics.engine.EvolutionStart;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * An evolutionary algorithm (Jenetics). The first generation is random; each further one consists
 * of the best trials of the generation before and of new ones, made by uniform crossover and
 * Gaussian mutation of trials that won a tournament. Every call repeats the whole evolution with
 * the same seed and the known results, so that nothing but the trials has to be stored.
 */
final class EvolutionProposals implements Proposals {
  private static final int TOURNAMENT = 3;
  private static final double CROSSOVER = 0.5;
  private static final double SURVIVORS = 0.25;

  /** Generations in a row without a new configuration. */
  private static final int VAIN = 200;

  private final SearchSpace space;
  private final long seed;
  private final int population;

  /**
   * @param space of the search
   * @param seed of the evolution
   * @param population trials of a generation, 4 or more
   */
  EvolutionProposals(SearchSpace space, long seed, int population) {
    this.space = space;
    this.seed = seed;
    this.population = population;
  }

  @Override
  public List<double[]> next(List<TrialState> trials, int most) {
    Replay replay = new Replay(trials);
    // the engine draws from the registry of this thread
    Replay ran = RandomRegistry.with(new Random(seed), random -> replay.run(engine(replay)));
    return ran.added.subList(0, Math.min(most, ran.added.size()));
  }

  private Engine<DoubleGene, Double> engine(Replay replay) {
    int fields = space.fields().size();
    return new Engine.Builder<DoubleGene, Double>(
            replay::evaluate, () -> Genotype.of(DoubleChromosome.of(0, 1, fields)))
        .populationSize(population)
        .offspringFraction(1 - SURVIVORS)
        .survivorsSelector(new EliteSelector<>())
        .offspringSelector(new TournamentSelector<>(TOURNAMENT))
        .alterers(
            new UniformCrossover<>(CROSSOVER),
            new GaussianMutator<>(Math.max(1.0 / fields, CROSSOVER)))
        .maximizing()
        .executor(Runnable::run)
        .build();
  }

  /** The evolution up to the first generation whose results are not known. */
  private final class Replay {
    private final Map<Map<String, Object>, Double> known = new HashMap<>();
    private final List<double[]> added = new ArrayList<>();
    private final Set<Map<String, Object>> met = new HashSet<>();
    private boolean waits;

    Replay(List<TrialState> trials) {
      trials.forEach(trial -> known.put(trial.values, trial.fitness));
    }

    Replay run(Engine<DoubleGene, Double> engine) {
      EvolutionStart<DoubleGene, Double> start = EvolutionStart.empty();
      int vain = 0;
      while (!waits && vain < VAIN) {
        int before = met.size();
        start = engine.evolve(start).next();
        vain = met.size() > before ? 0 : vain + 1;
      }
      return this;
    }

    ISeq<Phenotype<DoubleGene, Double>> evaluate(Seq<Phenotype<DoubleGene, Double>> generation) {
      // what is made of results that are not known yet is no proposal
      boolean over = waits;
      List<Phenotype<DoubleGene, Double>> evaluated = new ArrayList<>();
      for (Phenotype<DoubleGene, Double> phenotype : generation) {
        evaluated.add(
            phenotype.isEvaluated()
                ? phenotype
                : phenotype.withFitness(over ? Double.NEGATIVE_INFINITY : fitness(phenotype)));
      }
      return ISeq.of(evaluated);
    }

    private double fitness(Phenotype<DoubleGene, Double> phenotype) {
      double[] point =
          phenotype.genotype().chromosome().stream().mapToDouble(DoubleGene::allele).toArray();
      Map<String, Object> values = space.values(point);
      met.add(values);
      Double fitness = known.get(values);
      if (fitness == null) {
        added.add(point);
        known.put(values, Double.NaN);
        fitness = Double.NaN;
      }
      waits |= fitness.isNaN();
      return fitness.isNaN() ? Double.NEGATIVE_INFINITY : fitness;
    }
  }
}
