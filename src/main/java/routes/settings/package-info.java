/** How settings are bound, checked and, when they are wrong, explained. */
@NullMarked
package routes.settings;

import org.jspecify.annotations.NullMarked;
