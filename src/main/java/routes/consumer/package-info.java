/** How each consumer group is doing: its lag, its verdict, its last hour, and the operation that stops and starts it. */
@NullMarked
package routes.consumer;

import org.jspecify.annotations.NullMarked;
