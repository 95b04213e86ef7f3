package faults.agent;

import static net.bytebuddy.matcher.ElementMatchers.isPrivate;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;

import faults.agent.Failpoint.Rule;
import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/** The agent: it adds calls of {@link Failpoint} to the steps of the service, when their classes are loaded. */
public final class FailpointAgent {

    /** The methods at whose beginning or end a failpoint can lie. */
    private static final Map<String, List<String>> STEPS = Map.of(
            "routes.kafka.BatchReader", List.of("read"),
            "routes.kafka.Offsets", List.of("commit"),
            "routes.delivery.DeliveryLedger", List.of("record", "begin", "finish"),
            "routes.delivery.HandOver", List.of("offer"),
            "routes.mail.PooledMailSender", List.of("send"),
            "routes.reward.Webhooks", List.of("outcome"),
            "org.springframework.jdbc.datasource.DataSourceTransactionManager", List.of("doCommit"));

    private FailpointAgent() {}

    /**
     * Called by the JVM before the service's own main.
     *
     * @param rules separated by semicolons, as {@code faults.Failpoints} writes them
     */
    public static void premain(String rules, Instrumentation instrumentation) {
        Failpoint.set(Stream.of(rules.split(";")).map(Rule::of).toList());
        AgentBuilder agent = new AgentBuilder.Default();
        for (var step : STEPS.entrySet()) {
            agent = agent.type(named(step.getKey()))
                    .transform((type, description, loader, module, domain) -> type.visit(Advice.to(Step.class)
                            .on(method -> not(isPrivate()).matches(method)
                                    && step.getValue().contains(method.getName()))));
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
