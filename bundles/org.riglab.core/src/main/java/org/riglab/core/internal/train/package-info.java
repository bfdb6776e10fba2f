/** Training: optimizers, recipes, runs and their checkpoints, and the loop. */
package org.riglab.core.internal.train;
