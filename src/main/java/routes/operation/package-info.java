/** What all operations share: who asks and with what arguments, how a wrong one is refused, and the audit of what was changed. */
@NullMarked
package routes.operation;

import org.jspecify.annotations.NullMarked;
