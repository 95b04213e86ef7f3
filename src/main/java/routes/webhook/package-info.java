/** Webhooks: a lane for each receiver, guarded addresses, signed posts, how the receivers do, and the operation on them. */
@NullMarked
package routes.webhook;

import org.jspecify.annotations.NullMarked;
