package routes.hawtio;

import static org.assertj.core.api.Assertions.assertThat;

import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.jolokia.server.core.util.HttpMethod;
import org.jolokia.server.core.util.RequestType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JolokiaPolicyTest {

    private static final String CONTEXT = "org.apache.camel:context=a,type=context,name=\"a\"";

    private final JolokiaPolicy policy = new JolokiaPolicy(() -> true);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    true  | org.apache.camel:context=a,type=context,name="a"     | dumpRoutesAsXml()
                    true  | org.apache.camel:context=a,type=context,name="a"     | dumpRoutesStatsAsXml(boolean,boolean)
                    true  | org.apache.camel:context=a,type=context,name="a"     | dumpRoutesStatsAsXml
                    false | org.apache.camel:context=a,type=context,name="a"     | dumpRoutesAsXml
                    false | org.apache.camel:context=a,type=context,name="a"     | dumpRoutesAsYaml(boolean)
                    false | org.apache.camel:context=a,type=context,name="a"     | dumpRoutesAsJava()
                    true  | org.apache.camel:context=a,type=routes,name="r"      | start()
                    true  | org.apache.camel:context=a,type=routes,name="r"      | stop()
                    true  | domain-event-routes:type=Endpoint,name=Deliveries    | find
                    true  | domain-event-routes:type=Endpoint,name=Consumers     | change
                    false | org.apache.camel:context=a,type=routes,name="r"      | stop
                    false | org.apache.camel:type=routes,*                       | stop()
                    false | domain-event-routes:type=Endpoint,*                  | change
                    false | domain-event-*:type=Endpoint,name=Deliveries         | change
                    false | domain-event-routes:type=Admin,name=SpringApplication | shutdown
                    false | org.apache.camel:context=a,type=routes,name="r"      | suspend()
                    false | org.apache.camel:context=a,type=routes,name="r"      | remove()
                    false | org.apache.camel:context=a,type=routes,name="r"      | updateRouteFromXml(java.lang.String)
                    false | org.apache.camel:context=a,type=routes,name="r"      | setProperty(java.lang.String,java.lang.String)
                    false | org.apache.camel:context=a,type=context,name="a"     | dumpRoutesAsXml(boolean)
                    false | org.apache.camel:context=a,type=context,name="a"     | stop()
                    false | org.apache.camel:context=a,type=context,name="a"     | sendBody(java.lang.String,java.lang.Object)
                    false | org.apache.camel:context=a,type=context,name="a"     | sendStringBody(java.lang.String,java.lang.String)
                    false | org.apache.camel:context=a,type=context,name="a"     | requestBody(java.lang.String,java.lang.Object)
                    false | org.apache.camel:context=a,type=context,name="a"     | addOrUpdateRoutesFromXml(java.lang.String)
                    false | org.apache.camel:context=a,type=context,name="a"     | createEndpoint(java.lang.String)
                    false | org.apache.camel:context=a,type=endpoints,name="e"   | browseAllMessagesAsXml(java.lang.Boolean)
                    false | org.apache.camel:context=a,type=tracer,name="t"      | dumpAllTracedMessagesAsXml()
                    false | java.lang:type=Memory                                | gc()
                    false | java.lang:type=Threading                             | dumpAllThreads(boolean,boolean)
                    false | com.sun.management:type=HotSpotDiagnostic            | dumpHeap(java.lang.String,boolean)
                    false | com.sun.management:type=DiagnosticCommand            | vmSystemProperties
                    false | java.util.logging:type=Logging                       | setLoggerLevel
                    false | jdk.management.jfr:type=FlightRecorder               | newRecording
                    false | jolokia:type=Config                                  | setDebug
                    false | com.zaxxer.hikari:type=Pool (p)                      | softEvictConnections
                    """)
    void onlyWhatIsNamedIsCarriedOut(boolean allowed, String mbean, String operation) throws Exception {
        assertThat(policy.isOperationAllowed(new ObjectName(mbean), operation)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    true  | org.apache.camel:context=a,type=context,name="a"     | dumpRoutesAsXml()
                    true  | org.apache.camel:context=a,type=routes,name="r"      | dumpRouteAsXml()
                    false | org.apache.camel:context=a,type=routes,name="r"      | start()
                    false | org.apache.camel:context=a,type=routes,name="r"      | stop()
                    false | domain-event-routes:type=Endpoint,name=Deliveries    | find
                    false | domain-event-routes:type=Endpoint,name=Consumers     | change
                    """)
    void aViewerSeesRoutesAndCarriesOutNothing(boolean allowed, String mbean, String operation) throws Exception {
        assertThat(new JolokiaPolicy(() -> false).isOperationAllowed(new ObjectName(mbean), operation))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    true  | org.apache.camel:context=a,type=routes,name="r"    | ExchangesTotal
                    true  | domain-event-routes:type=Consumer,name=x           | Lag
                    true  | java.lang:type=Memory                              | HeapMemoryUsage
                    true  | java.lang:type=Runtime                             | Uptime
                    false | com.zaxxer.hikari:type=Pool (p)                    | ActiveConnections
                    false | org.apache.camel:context=a,type=routes,name="r"    | EndpointUri
                    false | org.apache.camel:context=a,type=routes,name="r"    | LastError
                    false | org.apache.camel:context=a,type=processors,name="p" | Destination
                    false | org.apache.camel:context=a,type=processors,name="p" | Expression
                    false | org.apache.camel:context=a,type=processors,name="p" | Predicate
                    false | org.apache.camel:context=a,type=processors,name="p" | Uri
                    false | org.apache.camel:context=a,type=processors,name="p" | LogMessage
                    false | org.apache.camel:context=a,type=processors,name="p" | SomethingOfTomorrow
                    true  | org.apache.camel:context=a,type=processors,name="p" | ProcessorId
                    false | org.apache.camel:context=a,type=context,name="a"    | GlobalOptions
                    false | org.apache.camel:context=a,type=endpoints,name="e" | ServiceLocationUrl
                    false | org.apache.camel:context=a,type=producers,name="e" | EndpointUri
                    false | kafka.consumer:type=app-info,id=x                  | Version
                    false | java.lang:type=Runtime                             | SystemProperties
                    false | java.lang:type=Runtime                             | InputArguments
                    false | com.zaxxer.hikari:type=PoolConfig (p)              | Password
                    false | org.apache.camel:context=a,type=tracer,name="t"    | Enabled
                    false | com.sun.management:type=HotSpotDiagnostic          | DiagnosticOptions
                    false | JMImplementation:type=MBeanServerDelegate          | MBeanServerId
                    false | org.springframework.boot:type=Admin                | Ready
                    """)
    void onlyWhatIsNamedIsReadAndNothingIsWritten(boolean allowed, String mbean, String attribute) throws Exception {
        ObjectName name = new ObjectName(mbean);
        assertThat(policy.isAttributeReadAllowed(name, attribute)).isEqualTo(allowed);
        assertThat(policy.isAttributeWriteAllowed(name, attribute)).isFalse();
        if (allowed) {
            assertThat(policy.isObjectNameHidden(name)).isFalse();
        }
    }

    @Test
    void whatIsNotReadIsNotListed() throws MalformedObjectNameException {
        assertThat(policy.isObjectNameHidden(new ObjectName("com.sun.management:type=DiagnosticCommand")))
                .isTrue();
        assertThat(policy.isObjectNameHidden(new ObjectName("org.apache.camel:context=a,type=tracer,name=\"t\"")))
                .isTrue();
        assertThat(policy.isObjectNameHidden(new ObjectName(CONTEXT))).isFalse();
    }

    @Test
    void noOtherKindOfRequestAndNoOtherSite() {
        assertThat(policy.isTypeAllowed(RequestType.WRITE)).isFalse();
        assertThat(policy.isTypeAllowed(RequestType.NOTIFICATION)).isFalse();
        assertThat(policy.isTypeAllowed(RequestType.CONFIG)).isFalse();
        assertThat(policy.isTypeAllowed(RequestType.EXEC)).isTrue();
        assertThat(policy.isHttpMethodAllowed(HttpMethod.POST)).isTrue();
        assertThat(policy.isHttpMethodAllowed(HttpMethod.GET)).isFalse();
        assertThat(policy.isOriginAllowed("https://elsewhere.example", false)).isFalse();
    }
}
