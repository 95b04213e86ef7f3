/**
 * What goes on by itself: threads that outlive an error, the trouble that keeps something from its work, told once and without
 * anybody's address, and how often something may happen.
 */
@NullMarked
package routes.background;

import org.jspecify.annotations.NullMarked;
