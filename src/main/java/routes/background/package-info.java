/** Background work: threads that survive errors, problems that are logged once and without personal data, and rate limits. */
@NullMarked
package routes.background;

import org.jspecify.annotations.NullMarked;
