/** The contract: what a domain event is, and how to read, write and publish it. */
@NullMarked
package routes.event;

import org.jspecify.annotations.NullMarked;
