package org.riglab.spark.job;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.riglab.api.RigException;
import scala.Tuple2;

/** Images in Parquet files: a column with names and one with the bytes of image files. */
final class Tables {
  private static final List<String> IDS = List.of("id", "path");
  private static final List<String> BYTES = List.of("bytes", "content");

  private final String path;
  private final Dataset<Row> table;

  /**
   * @param spark the session
   * @param path file or directory
   * @throws RigException if it cannot be read, or has no such columns
   */
  Tables(SparkSession spark, String path) {
    this.path = path;
    Dataset<Row> all;
    try {
      all = spark.read().parquet("file://" + path);
    } catch (Exception e) { // AnalysisException is a checked one that is not declared
      throw new RigException(
          path
              + " cannot be read as Parquet: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          e);
    }
    StructField[] fields = all.schema().fields();
    table =
        all.select(
            column(fields, IDS, DataTypes.StringType), column(fields, BYTES, DataTypes.BinaryType));
  }

  private org.apache.spark.sql.Column column(
      StructField[] fields, List<String> names, DataType type) {
    return Arrays.stream(fields)
        .filter(field -> names.contains(field.name()) && field.dataType().equals(type))
        .findFirst()
        .map(field -> new org.apache.spark.sql.Column(field.name()))
        .orElseThrow(
            () ->
                new RigException(
                    "%s has no column %s of type %s; its columns are %s"
                        .formatted(
                            path,
                            String.join(" or ", names),
                            type.typeName(),
                            Arrays.stream(fields)
                                .map(f -> f.name() + " " + f.dataType().typeName())
                                .toList())));
  }

  /**
   * @return number of rows
   * @throws RigException if two rows have the same name: their results would overwrite each other
   */
  long count() {
    JavaPairRDD<String, Integer> names =
        table
            .select(table.columns()[0])
            .javaRDD()
            .mapToPair(row -> new Tuple2<>(Item.name(row.getString(0)), 1));
    List<Tuple2<String, Integer>> twice =
        names.reduceByKey(Integer::sum).filter(pair -> pair._2() > 1).take(1);
    if (!twice.isEmpty()) {
      throw new RigException(
          "%s has %d rows with the name '%s'"
              .formatted(path, twice.get(0)._2(), twice.get(0)._1()));
    }
    return table.count();
  }

  /**
   * @return the images
   */
  JavaRDD<Item> items() {
    return table
        .javaRDD()
        .map(
            row ->
                new Item(Item.name(row.getString(0)), null, row.isNullAt(1) ? null : row.getAs(1)));
  }
}
