/** The contract: what a domain event is, and how it is read, written and published. */
@NullMarked
package routes.event;

import org.jspecify.annotations.NullMarked;
