/** How images run through a network: whole, in windows, at several scales. */
package org.riglab.core.internal.inference;
