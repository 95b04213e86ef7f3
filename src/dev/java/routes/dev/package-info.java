/**
 * The development platform: a Kafka broker, a PostgreSQL server, an SMTP server with an inbox and a receiver of webhooks, all from
 * libraries, so that one command starts everything and tests run on real servers.
 */
@NullMarked
package routes.dev;

import org.jspecify.annotations.NullMarked;
