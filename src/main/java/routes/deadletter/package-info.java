/** Dead letters: what a group cannot take in is kept byte for byte, looked at, and given to it again. */
@NullMarked
package routes.deadletter;

import org.jspecify.annotations.NullMarked;
