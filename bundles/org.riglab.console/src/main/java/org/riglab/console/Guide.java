package org.riglab.console;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A service that completes the words of its bundle's commands and sorts them into the sections of
 * the help. Commands without a guide are completed from their annotations.
 */
@ConsumerType
public interface Guide {
  /**
   * @param command the service behind a command
   * @param words the words that follow the command's name, up to the cursor; the last one is the
   *     word to complete, and may be empty
   * @return the candidates; empty if the command belongs to another bundle
   */
  Optional<Completion> complete(Object command, List<String> words);

  /**
   * @return the sections of the help, in order
   */
  List<Section> sections();

  /**
   * The candidates for a word.
   *
   * @param candidates whole words, in order; those that do not start with the typed word are
   *     ignored
   * @param files number of characters of the typed word before a file name: 0 for a file, 7 for
   *     {@code --data=}; -1 if the word is not a file
   */
  record Completion(List<Candidate> candidates, int files) {
    /** No candidates. */
    public static final Completion NONE = new Completion(List.of(), -1);

    /**
     * @param candidates whole words, in order
     */
    public Completion(List<Candidate> candidates) {
      this(candidates, -1);
    }
  }

  /**
   * A candidate.
   *
   * @param word the whole word
   * @param shown the word in lists, without control characters
   * @param about one line; may be empty
   * @param complete whether a space follows; false if the word can be continued
   */
  record Candidate(String word, String shown, String about, boolean complete) {
    /**
     * A candidate that is shown as it is.
     *
     * @param word the whole word
     * @param about one line; may be empty
     */
    public Candidate(String word, String about) {
      this(word, word, about, true);
    }
  }

  /**
   * A section of the help.
   *
   * @param title of the section
   * @param commands names of commands, in order
   */
  record Section(String title, List<String> commands) {}
}
