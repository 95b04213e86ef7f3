/** The pages of the management port: a class a tab, and what they share. */
@NullMarked
package routes.console;

import org.jspecify.annotations.NullMarked;
