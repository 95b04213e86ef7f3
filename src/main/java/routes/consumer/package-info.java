/** How each consumer group does: its lag, the verdict on it, the last hour, and the operation that stops and starts it. */
@NullMarked
package routes.consumer;

import org.jspecify.annotations.NullMarked;
