package routes.consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.settings.RoleSettings;

/** Logs at startup which groups consume what, from where, and with how many workers. */
@Component
class StartupLog {

    private static final Logger LOG = LoggerFactory.getLogger(StartupLog.class);

    private final ConsumerGroups groups;
    private final RoleSettings roles;
    private final Environment environment;

    StartupLog(ConsumerGroups groups, RoleSettings roles, Environment environment) {
        this.groups = groups;
        this.roles = roles;
        this.environment = environment;
    }

    @EventListener(ApplicationReadyEvent.class)
    void log() {
        LOG.info("Kafka event consumer configuration:");
        LOG.info("  - Roles: {}", roles);
        LOG.info("  - Domain events topic: {}", environment.getProperty("domain-events.topic"));
        LOG.info("  - Kafka brokers: [{}]", environment.getProperty("camel.component.kafka.brokers"));
        LOG.info("  - Worker pool size: {} per consumer group", environment.getProperty("deliveries.worker-pool-size"));
        LOG.info("  - Positions: {}", environment.getProperty("positions.mode"));
        LOG.info("  - Consumer groups:{}", groups.all().isEmpty() ? " none in this role" : "");
        for (ConsumerGroup group : groups.all()) {
            LOG.info("    * {}, {} {}", group, group.workers(), group.workers() == 1 ? "worker" : "workers");
        }
    }
}
