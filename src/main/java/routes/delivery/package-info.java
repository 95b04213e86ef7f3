/** The ledger of deliveries: record, take, finish, when to try again, and what operators see and change of it. */
@NullMarked
package routes.delivery;

import org.jspecify.annotations.NullMarked;
