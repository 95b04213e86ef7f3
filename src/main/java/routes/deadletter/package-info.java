/** Dead letters: what a group cannot take in is kept byte for byte, and can be inspected and re-driven. */
@NullMarked
package routes.deadletter;

import org.jspecify.annotations.NullMarked;
