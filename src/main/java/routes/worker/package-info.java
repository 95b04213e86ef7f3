/** The workers of this instance: their queues, their number, and how the intake is held back while they could do nothing with it. */
@NullMarked
package routes.worker;

import org.jspecify.annotations.NullMarked;
