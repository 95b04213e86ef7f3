package faults.agent;

import static net.bytebuddy.matcher.ElementMatchers.named;

import faults.agent.Failpoint.Rule;
import java.lang.instrument.Instrumentation;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.AgentBuilder.RedefinitionStrategy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/** The agent: it adds calls of {@link Failpoint} to the steps of a service that runs. */
public final class FailpointAgent {

    /** The methods at whose beginning or end a failpoint can lie. */
    public static final Map<String, List<String>> STEPS = Map.ofEntries(
            Map.entry("routes.kafka.BatchReader", List.of("read")),
            Map.entry("routes.kafka.EventConsumer", List.of("read")),
            Map.entry("routes.kafka.Offsets", List.of("commit")),
            Map.entry("routes.consumer.Lags", List.of("refresh")),
            Map.entry("routes.delivery.DeliveryRecorder", List.of("record")),
            Map.entry("routes.delivery.DeliveryLedger", List.of("begin", "finish", "takeDue")),
            Map.entry("routes.worker.HandOver", List.of("offer", "reclaimStrays")),
            Map.entry("routes.delivery.Heartbeats", List.of("gone")),
            Map.entry("routes.delivery.Dependency", List.of("ask")),
            Map.entry("routes.worker.Backpressure", List.of("adjust")),
            Map.entry("routes.mail.smtp.PooledMailSender", List.of("send")),
            Map.entry("routes.outbox.Outbox", List.of("isWaiting")),
            Map.entry("routes.webhook.Webhooks", List.of("answered")),
            Map.entry("routes.webhook.WebhookLanes", List.of("awaitConnection", "tick")),
            Map.entry("org.apache.kafka.clients.producer.internals.Sender", List.of("runOnce")),
            Map.entry(
                    "org.apache.kafka.clients.consumer.internals.AbstractCoordinator", List.of("sendHeartbeatRequest")),
            Map.entry("org.apache.kafka.clients.admin.internals.AdminMetadataManager", List.of("metadataFetchDelayMs")),
            Map.entry("org.springframework.jdbc.datasource.DataSourceTransactionManager", List.of("doCommit")));

    private static final AtomicBoolean INSTALLED = new AtomicBoolean();

    private FailpointAgent() {}

    /**
     * Called in a service that runs; what it was told before counts no more.
     *
     * @param rules separated by semicolons, as {@code faults.Failpoints} writes them
     */
    public static void agentmain(String rules, Instrumentation instrumentation) {
        Failpoint.set(Stream.of(rules.split(";")).map(Rule::of).toList());
        if (INSTALLED.getAndSet(true)) {
            return;
        }
        Set<Class<?>> loaded = new HashSet<>();
        for (Class<?> any : instrumentation.getAllLoadedClasses()) {
            if (STEPS.containsKey(any.getName())) {
                loaded.add(any); // to look at all of them would take seconds
            }
        }
        AgentBuilder agent = new AgentBuilder.Default()
                .disableClassFormatChanges()
                .with(RedefinitionStrategy.RETRANSFORMATION)
                .with(new RedefinitionStrategy.DiscoveryStrategy.Explicit(loaded));
        for (var step : STEPS.entrySet()) {
            agent = agent.type(named(step.getKey()))
                    .transform((type, description, loader, module, domain) -> type.visit(Advice.to(Step.class)
                            .on(method -> step.getValue().contains(method.getName())
                                    // Not the private offer of one delivery, within that of several.
                                    && !(method.isPrivate() && method.getName().equals("offer")))));
        }
        agent.installOn(instrumentation);
    }

    /** What is added to each of these methods. Its code is copied there, so it calls nothing but what is public. */
    static final class Step {

        private Step() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Origin("#t.#m enter") String point, @Advice.AllArguments Object[] arguments) {
            Failpoint.reached(point, arguments, null);
        }

        @Advice.OnMethodExit
        static void leave(
                @Advice.Origin("#t.#m leave") String point,
                @Advice.AllArguments Object[] arguments,
                @Advice.Return(typing = Assigner.Typing.DYNAMIC) @Nullable Object returned) {
            Failpoint.reached(point, arguments, returned);
        }
    }
}
