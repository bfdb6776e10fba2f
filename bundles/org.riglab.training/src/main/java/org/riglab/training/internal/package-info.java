/** Training: optimizers, recipes, runs and their checkpoints, and the loop. */
package org.riglab.training.internal;
