/** What the recalculation of a leaderboard needs to know about its campaign. */
@NullMarked
package routes.position;

import org.jspecify.annotations.NullMarked;
