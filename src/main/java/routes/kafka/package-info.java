/** What the routes need from Kafka beyond Camel's component: consumers, batches of records, offsets, topics, and producers that recover. */
@NullMarked
package routes.kafka;

import org.jspecify.annotations.NullMarked;
