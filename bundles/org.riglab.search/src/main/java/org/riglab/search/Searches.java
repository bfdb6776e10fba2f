package org.riglab.search;

import java.util.List;
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

  /**
   * @return the names of the searches in the home, executed now or before
   */
  List<String> names();

  /**
   * Reads what a search has found, while it is executed or later.
   *
   * @param name of the search
   * @return the search so far
   * @throws RigException NOT_FOUND if there is no search of this name; INVALID if its file is no
   *     state of a search
   */
  SearchProgress progress(String name);
}
