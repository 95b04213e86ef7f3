/** How an earned reward is found, signed and handed to its receiver. */
@NullMarked
package routes.reward;

import org.jspecify.annotations.NullMarked;
