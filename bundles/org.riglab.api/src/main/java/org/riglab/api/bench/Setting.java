package org.riglab.api.bench;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes a component of a spec, which is an option of the shell and a key in JSON files. Help
 * texts, messages and checks are derived from it. Its default comes from the default recipe.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /**
   * @return one line of help; it may start with a word in capitals and a colon, which describe the
   *     value
   */
  String about();

  /**
   * @return the smallest permitted number, for each element of a list
   */
  double least() default Double.NEGATIVE_INFINITY;

  /**
   * @return the largest permitted number, for each element of a list
   */
  double most() default Double.POSITIVE_INFINITY;

  /**
   * @return exclusive lower bound of numbers, for each element of a list
   */
  double above() default Double.NEGATIVE_INFINITY;

  /**
   * @return exclusive upper bound of numbers, for each element of a list
   */
  double below() default Double.POSITIVE_INFINITY;

  /**
   * @return the permitted lengths of a list; empty for any length
   */
  int[] lengths() default {};

  /**
   * @return the permitted values, as written; empty for any value
   */
  String[] choices() default {};

  /**
   * @return a regular expression that the value, as written, must match; empty for any value
   */
  String pattern() default "";

  /**
   * @return the expected value, for messages; empty if it follows from bounds or choices
   */
  String right() default "";

  /**
   * @return the value, as written, for specs that were stored before the setting existed; empty if
   *     it has always existed
   */
  String before() default "";
}
