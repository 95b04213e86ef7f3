/** Hawtio on the management port, behind its login. */
@NullMarked
package routes.hawtio;

import org.jspecify.annotations.NullMarked;
