/** An earned reward: its row, and what the application hears of its delivery. */
@NullMarked
package routes.reward;

import org.jspecify.annotations.NullMarked;
