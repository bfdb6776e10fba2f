package org.riglab.spark.job;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.util.Optional;

/**
 * A line that a driver writes to its standard output.
 *
 * @param type what it says
 * @param first images that are finished; for RESULT those that were labelled
 * @param second images of the input; for RESULT those of earlier jobs
 * @param seconds for RESULT: of the job
 * @param name of the image, or of the kind of a failure
 * @param text reason, message
 */
public record Event(Type type, long first, long second, double seconds, String name, String text) {
  /** What a line says. */
  public enum Type {
    /** So many images are finished. */
    PROGRESS,
    /** An image could not be labelled. */
    BAD,
    /** Something for the user. */
    MESSAGE,
    /** The job has come to its end. */
    RESULT,
    /** The job cannot come to its end. */
    FAILED
  }

  /**
   * @return one line
   */
  public String line() {
    return new Gson().toJson(this);
  }

  /**
   * @param line that a driver wrote
   * @return the event; empty if the line is something else
   */
  public static Optional<Event> parse(String line) {
    try {
      Event event = line.startsWith("{") ? new Gson().fromJson(line, Event.class) : null;
      return Optional.ofNullable(event).filter(e -> e.type != null);
    } catch (JsonParseException e) {
      return Optional.empty();
    }
  }
}
