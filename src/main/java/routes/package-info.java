/** The map: one page per route, in the order in which data flows. How it is done is in the subpackages. */
@NullMarked
package routes;

import org.jspecify.annotations.NullMarked;
