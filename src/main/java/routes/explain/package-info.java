/** Explains what happened to an event in each group, and why a delivery waits. */
@NullMarked
package routes.explain;

import org.jspecify.annotations.NullMarked;
