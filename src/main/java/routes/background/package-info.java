/**
 * What goes on by itself: threads that outlive an error, and the trouble that keeps something from its work, told once and without
 * anybody's address.
 */
@NullMarked
package routes.background;

import org.jspecify.annotations.NullMarked;
