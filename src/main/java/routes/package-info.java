/** The map: one page a route, in the order in which data flows. How an effect is done is in the subpackages. */
@NullMarked
package routes;

import org.jspecify.annotations.NullMarked;
