/** Builds the distribution: reads the feature files and makes the repository they describe. */
package org.riglab.maven;
