/** The workers of this instance: their queues, their number, and the backpressure on consumers while workers cannot work. */
@NullMarked
package routes.worker;

import org.jspecify.annotations.NullMarked;
