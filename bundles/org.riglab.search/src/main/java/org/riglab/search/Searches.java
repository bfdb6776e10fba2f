package org.riglab.search;

import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.RigException;

/** The service that plans searches. */
@ProviderType
public interface Searches {
  /**
   * Reads and checks a search. Nothing is written and no run is queued.
   *
   * @param request what was asked for
   * @return the search
   * @throws RigException INVALID if a key or value is wrong, NOT_FOUND if the network does not
   *     exist
   */
  Search plan(SearchRequest request);
}
