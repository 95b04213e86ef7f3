/** Earned rewards: their rows, and the status that the application sees. */
@NullMarked
package routes.reward;

import org.jspecify.annotations.NullMarked;
