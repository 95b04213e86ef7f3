/** Webhooks: a lane for each receiver, guarded addresses, signed posts, receivers' health, and the operation on them. */
@NullMarked
package routes.webhook;

import org.jspecify.annotations.NullMarked;
