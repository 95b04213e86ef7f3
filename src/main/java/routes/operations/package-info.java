/** What an operator sees and does. */
@NullMarked
package routes.operations;

import org.jspecify.annotations.NullMarked;
