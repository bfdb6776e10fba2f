package org.riglab.unrolls.internal;

/** The option of the parallel strategies. */
@interface SourceConfig {
  Source source() default Source.OWN;
}
