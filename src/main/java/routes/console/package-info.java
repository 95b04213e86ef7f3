/** The pages of the management port: one class per tab, and what they share. */
@NullMarked
package routes.console;

import org.jspecify.annotations.NullMarked;
