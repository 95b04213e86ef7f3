/** The map: one page per route, in the order in which data flows. How an effect is carried out is in the subpackages. */
@NullMarked
package routes;

import org.jspecify.annotations.NullMarked;
