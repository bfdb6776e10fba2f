package org.riglab.api.bench;

import org.osgi.annotation.versioning.ProviderType;

/** Looks into the iterations of networks. Thread safe. */
@ProviderType
public interface Inspector {
  /**
   * Evaluates a network eagerly, one image at a time, and collects what its iterations do.
   *
   * @param spec the evaluation: a single pass, without budget and condition; its iterations may
   *     exceed those of the training
   * @param examples number of the worst images to keep with their maps
   * @param observer receives the progress
   * @return the inspection
   */
  Inspection inspect(EvalSpec spec, int examples, Observer observer);
}
