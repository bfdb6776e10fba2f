package org.riglab.api.bench;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes a component of a spec, which is an option of the shell and a key of JSON files: help
 * texts, messages and checks follow from it. Its default comes from the default recipe.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /**
   * @return one line of help; a word in capitals and a colon in front of it say what a value is
   */
  String about();

  /**
   * @return the smallest number allowed, of a list for each element
   */
  double least() default Double.NEGATIVE_INFINITY;

  /**
   * @return the largest number allowed, of a list for each element
   */
  double most() default Double.POSITIVE_INFINITY;

  /**
   * @return numbers must be more than this, of a list each element
   */
  double above() default Double.NEGATIVE_INFINITY;

  /**
   * @return numbers must be less than this, of a list each element
   */
  double below() default Double.POSITIVE_INFINITY;

  /**
   * @return how many elements a list may have; any number without
   */
  int[] lengths() default {};

  /**
   * @return the values allowed, as written; any without
   */
  String[] choices() default {};

  /**
   * @return a regular expression that the value, as written, must match; any without
   */
  String pattern() default "";

  /**
   * @return what would be right, for messages; empty where bounds or choices say it
   */
  String right() default "";

  /**
   * @return the value, as written, of specs that were stored before there was the setting; empty
   *     where there has always been one
   */
  String before() default "";
}
