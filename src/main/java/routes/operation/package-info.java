/** What all operations share: validated arguments, refusals, pages, and the audit of changes. */
@NullMarked
package routes.operation;

import org.jspecify.annotations.NullMarked;
