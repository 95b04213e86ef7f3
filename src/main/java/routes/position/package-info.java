/** Leaderboards: how positions are recalculated, shown and compared. */
@NullMarked
package routes.position;

import org.jspecify.annotations.NullMarked;
