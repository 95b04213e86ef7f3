/** The public port: who may call it, what a request may hold, how it is refused, and {@code POST /events}. */
@NullMarked
package routes.api;

import org.jspecify.annotations.NullMarked;
