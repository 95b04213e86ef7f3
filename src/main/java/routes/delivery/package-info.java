/** The ledger of deliveries: record, take, finish, and when to try again. */
@NullMarked
package routes.delivery;

import org.jspecify.annotations.NullMarked;
