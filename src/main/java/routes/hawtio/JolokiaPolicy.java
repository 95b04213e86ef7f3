package routes.hawtio;

import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import javax.management.ObjectName;
import org.jolokia.server.core.service.api.Restrictor;
import org.jolokia.server.core.util.HttpMethod;
import org.jolokia.server.core.util.RequestType;
import org.jspecify.annotations.Nullable;

/**
 * Which MBeans may be read and called over HTTP. Everything else is refused and not listed, including any MBean that a
 * library adds tomorrow. Attributes are never written.
 *
 * <p>The service's operations check and audit themselves. Of Camel's, only those that the route tree and diagram need, and
 * start and stop of a route: nothing that sends, browses or changes routes. Not {@code suspend}: it ends threads of a Kafka
 * consumer that a later resume would need.
 */
final class JolokiaPolicy implements Restrictor {

    private static final String OWN = "domain-event-routes";
    private static final String CAMEL = "org.apache.camel";

    private static final Set<RequestType> REQUESTS =
            Set.of(RequestType.VERSION, RequestType.LIST, RequestType.SEARCH, RequestType.READ, RequestType.EXEC);

    /**
     * Not tracers and debuggers, which hold the content of events, and not endpoints with their producers and consumers: a
     * URI can hold a secret that Camel does not recognize, such as the path of a chat webhook.
     */
    private static final Set<String> CAMEL_TYPES =
            Set.of("components", "context", "dataformats", "processors", "routes", "services", "steps", "threadpools");

    /**
     * Attributes that cannot quote anything. Not URIs, expressions, predicates and log messages, whose placeholders are
     * resolved, and not error messages.
     */
    private static final Set<String> CAMEL_ATTRIBUTES = Set.of(
            ("ActiveCount AutoStartup CamelId CamelManagementName CamelVersion CompletedTaskCount ComponentName CorePoolSize "
                            + "DeltaProcessingTime Disabled ExchangesCompleted ExchangesFailed ExchangesInflight ExchangesTotal "
                            + "ExternalRedeliveries FailuresHandled FirstExchangeCompletedTimestamp "
                            + "FirstExchangeFailureTimestamp Id IdleSince Index KeepAliveTime LargestPoolSize "
                            + "LastExchangeCompletedTimestamp LastExchangeCreatedTimestamp LastExchangeFailureHandledTimestamp "
                            + "LastExchangeFailureTimestamp LastProcessingTime Level ManagementName MaxProcessingTime "
                            + "MaximumPoolSize MeanProcessingTime MinProcessingTime Name OldestInflightDuration PoolSize "
                            + "ProcessorId ProcessorName Redeliveries ResetTimestamp RouteGroup RouteId ServiceType Shutdown "
                            + "StartTimestamp StartedRoutes State StatisticsEnabled StepId TaskCount TaskQueueEmpty "
                            + "TaskQueueRemainingCapacity TaskQueueSize ThreadPoolProfileId Throughput TotalProcessingTime "
                            + "TotalRoutes Uptime UptimeMillis")
                    .split(" "));

    /**
     * By type of MBean, what Hawtio calls to show routes. Routes as XML only without arguments: one of these would resolve
     * placeholders, including secrets.
     */
    private static final Map<String, Set<String>> CAMEL_TEXTS = Map.of(
            "context", Set.of("dumpRoutesAsXml()", "dumpRoutesStatsAsXml", "dumpRoutesStatsAsXml(boolean,boolean)"),
            "routes", Set.of("dumpRouteAsXml()"));

    private static final Set<String> START_AND_STOP = Set.of("start()", "stop()");

    private static final Set<String> JVM_TYPES =
            Set.of("ClassLoading", "GarbageCollector", "Memory", "MemoryPool", "OperatingSystem", "Threading");

    /** Not the system properties, arguments and class path. */
    private static final Set<String> RUNTIME =
            Set.of("SpecVersion", "StartTime", "Uptime", "VmName", "VmVendor", "VmVersion");

    private final BooleanSupplier operates;

    /**
     * A policy.
     *
     * @param operates whether the user is an operator; all others may only look
     */
    JolokiaPolicy(BooleanSupplier operates) {
        this.operates = operates;
    }

    /**
     * An image on another site could send a GET, and over plain HTTP to another machine no browser says from where. A POST
     * always has its origin, which the login checks.
     */
    @Override
    public boolean isHttpMethodAllowed(HttpMethod method) {
        return method == HttpMethod.POST;
    }

    @Override
    public boolean isTypeAllowed(RequestType type) {
        return REQUESTS.contains(type);
    }

    @Override
    public boolean isAttributeReadAllowed(ObjectName name, @Nullable String attribute) {
        return switch (name.getDomain()) {
            case OWN -> true;
            case CAMEL -> CAMEL_TYPES.contains(type(name)) && attribute != null && CAMEL_ATTRIBUTES.contains(attribute);
            case "java.lang" ->
                JVM_TYPES.contains(type(name))
                        || (type(name).equals("Runtime") && attribute != null && RUNTIME.contains(attribute));
            default -> false;
        };
    }

    @Override
    public boolean isAttributeWriteAllowed(ObjectName name, String attribute) {
        return false;
    }

    /** One MBean at a time: to Jolokia a pattern of names is like a name. */
    @Override
    public boolean isOperationAllowed(ObjectName name, String operation) {
        if (name.isPattern()) {
            return false;
        }
        return switch (name.getDomain()) {
            case OWN -> type(name).equals("Endpoint") && operates.getAsBoolean();
            case CAMEL -> isCamelsAllowed(type(name), operation.replace(" ", ""));
            default -> false;
        };
    }

    private boolean isCamelsAllowed(String type, String operation) {
        return CAMEL_TEXTS.getOrDefault(type, Set.of()).contains(operation)
                || (type.equals("routes") && START_AND_STOP.contains(operation) && operates.getAsBoolean());
    }

    /** Remote callers are left to the login. */
    @Override
    public boolean isRemoteAccessAllowed(String... hostOrAddress) {
        return true;
    }

    /** The login has refused cross-site requests. CORS is not enabled for any site either ({@code strict} is false when that is asked). */
    @Override
    public boolean isOriginAllowed(@Nullable String origin, boolean strict) {
        return strict;
    }

    @Override
    public boolean isObjectNameHidden(ObjectName name) {
        return switch (name.getDomain()) {
            case OWN -> false;
            case CAMEL -> !CAMEL_TYPES.contains(type(name));
            case "java.lang" -> !JVM_TYPES.contains(type(name)) && !type(name).equals("Runtime");
            default -> true;
        };
    }

    /** Behind a TLS proxy, pages have a different scheme from the proxy's requests. */
    @Override
    public boolean ignoreScheme() {
        return true;
    }

    private static String type(ObjectName name) {
        String type = name.getKeyProperty("type");
        return type == null ? "" : type;
    }
}
