/** What the routes need of Kafka beyond Camel's component: consumers, batches of records, offsets, topics, and producers that last. */
@NullMarked
package routes.kafka;

import org.jspecify.annotations.NullMarked;
