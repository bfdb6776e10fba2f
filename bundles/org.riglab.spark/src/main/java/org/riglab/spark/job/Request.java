package org.riglab.spark.job;

import com.google.gson.Gson;
import java.util.Map;

/**
 * What a driver is to do.
 *
 * @param id of the job; processes of Spark that serve several jobs tell their networks apart by it
 * @param input directory of images, or Parquet file or directory of Parquet files
 * @param parquet which of the two it is
 * @param output directory of the results
 * @param settings of the prediction, as text
 * @param spark properties of Spark
 */
public record Request(
    String id,
    String input,
    boolean parquet,
    String output,
    String settings,
    Map<String, String> spark) {
  /** Its file in the job's directory. */
  public static final String FILE = "request.json";

  /** The network's file in the job's directory. */
  public static final String NETWORK = "network.pt";

  /** A file in the job's directory by which other machines know that they see the same one. */
  public static final String TOKEN = "token-";

  /**
   * @return JSON
   */
  public String text() {
    return new Gson().toJson(this);
  }

  /**
   * @param text of {@link #text()}
   * @return the request
   */
  public static Request parse(String text) {
    return new Gson().fromJson(text, Request.class);
  }
}
