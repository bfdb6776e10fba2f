/** Trainings whose steps are executed by processes of PyTorch. */
package org.riglab.torchrun.internal;
