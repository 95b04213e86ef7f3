/** The ledger of deliveries: recording, taking, finishing and retrying them, and what operators see and change. */
@NullMarked
package routes.delivery;

import org.jspecify.annotations.NullMarked;
