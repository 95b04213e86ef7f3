/** The login of the management port. */
@NullMarked
package routes.login;

import org.jspecify.annotations.NullMarked;
