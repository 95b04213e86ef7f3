/** How settings are bound and checked, and mistakes explained. */
@NullMarked
package routes.settings;

import org.jspecify.annotations.NullMarked;
