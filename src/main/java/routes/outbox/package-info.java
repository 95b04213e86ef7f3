/**
 * The outbox: events that the application writes in its own transaction, until the brokers have them, and the rows that are
 * not valid events.
 */
@NullMarked
package routes.outbox;

import org.jspecify.annotations.NullMarked;
