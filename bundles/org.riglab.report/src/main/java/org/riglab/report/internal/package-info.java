/** Pictures by Java2D and ImageIO, and report pages as plain HTML with inline SVG. */
package org.riglab.report.internal;
