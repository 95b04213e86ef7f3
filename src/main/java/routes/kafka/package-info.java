/** Batches of records, offsets, dead letters and topics: what the routes need of Kafka beyond Camel's component. */
@NullMarked
package routes.kafka;

import org.jspecify.annotations.NullMarked;
