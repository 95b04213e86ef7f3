/** Replays: events of a range are read again and offered to one consumer group, while the groups keep running. */
@NullMarked
package routes.replay;

import org.jspecify.annotations.NullMarked;
