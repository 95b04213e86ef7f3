package routes.hawtio;

import java.util.Map;
import java.util.Set;
import javax.management.ObjectName;
import org.jolokia.server.core.service.api.Restrictor;
import org.jolokia.server.core.util.HttpMethod;
import org.jolokia.server.core.util.RequestType;
import org.jspecify.annotations.Nullable;

/**
 * What may be asked of MBeans over HTTP. What is not named here is refused, and not listed: an MBean that a library brings
 * tomorrow, too. Nothing is ever written.
 *
 * <p>The operations of the service check and audit on their own. Of Camel's there are those that the tree and the diagram of
 * routes need, and start and stop of a route: nothing that sends, browses or changes routes. Not {@code suspend}: it ends
 * threads of a Kafka consumer that a later resume would need.
 */
final class JolokiaPolicy implements Restrictor {

    private static final String OWN = "domain-event-routes";
    private static final String CAMEL = "org.apache.camel";

    private static final Set<RequestType> REQUESTS =
            Set.of(RequestType.VERSION, RequestType.LIST, RequestType.SEARCH, RequestType.READ, RequestType.EXEC);

    /**
     * Not tracers and debuggers, which hold what events say, and not endpoints with their producers and consumers: a URI can
     * hold a secret where Camel does not know it to be one, such as the path of a chat's webhook.
     */
    private static final Set<String> CAMEL_TYPES =
            Set.of("components", "context", "dataformats", "processors", "routes", "services", "steps", "threadpools");

    /** URIs, for the same reason, and what errors quote. */
    private static final Set<String> CAMEL_SECRETS = Set.of("Destination", "EndpointUri", "GlobalOptions", "LastError");

    /**
     * By type of MBean, as Hawtio asks for them. The routes as XML only without arguments: with one of them, their placeholders
     * would be resolved, secrets among them.
     */
    private static final Map<String, Set<String>> CAMEL_OPERATIONS = Map.of(
            "context", Set.of("dumpRoutesAsXml()", "dumpRoutesStatsAsXml", "dumpRoutesStatsAsXml(boolean,boolean)"),
            "routes", Set.of("start()", "stop()", "dumpRouteAsXml()"));

    private static final Set<String> JVM_TYPES =
            Set.of("ClassLoading", "GarbageCollector", "Memory", "MemoryPool", "OperatingSystem", "Threading");

    /** Not the system properties, and not the arguments and the class path. */
    private static final Set<String> RUNTIME =
            Set.of("SpecVersion", "StartTime", "Uptime", "VmName", "VmVendor", "VmVersion");

    /**
     * A GET could be asked for by an image on another site, and over plain HTTP to another machine no browser says from which. A
     * POST always has its origin, and the login looks at that.
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
            case CAMEL -> CAMEL_TYPES.contains(type(name)) && attribute != null && !CAMEL_SECRETS.contains(attribute);
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

    /** Of one MBean at a time: Jolokia asks for a pattern of names as for a name. */
    @Override
    public boolean isOperationAllowed(ObjectName name, String operation) {
        if (name.isPattern()) {
            return false;
        }
        return switch (name.getDomain()) {
            case OWN -> type(name).equals("Endpoint");
            case CAMEL -> CAMEL_OPERATIONS.getOrDefault(type(name), Set.of()).contains(operation.replace(" ", ""));
            default -> false;
        };
    }

    /** Who is far away is the login's matter. */
    @Override
    public boolean isRemoteAccessAllowed(String... hostOrAddress) {
        return true;
    }

    /**
     * The login has refused what comes from another site. No site is invited either: no answer has a header of CORS
     * ({@code strict} is false when that is asked).
     */
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

    /** Behind a proxy that speaks TLS, pages have another scheme than what the proxy asks for. */
    @Override
    public boolean ignoreScheme() {
        return true;
    }

    private static String type(ObjectName name) {
        String type = name.getKeyProperty("type");
        return type == null ? "" : type;
    }
}
