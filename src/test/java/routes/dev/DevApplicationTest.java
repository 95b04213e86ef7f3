package routes.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.core.env.MapPropertySource;

class DevApplicationTest {

    /** 127.0.0.2 is this machine, too, as any address of another interface is. */
    @Test
    void itsApiListensOnLoopbackAlone() {
        int port = new Ports().any();

        new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
                .withInitializer(new ConfigDataApplicationContextInitializer())
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addLast(new MapPropertySource(
                                "platform", DevApplication.serverPorts(context.getEnvironment()))))
                .withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class))
                .withPropertyValues("SERVER_PORT=" + port)
                .run(context -> {
                    assertThat(Ports.isListening(port)).isTrue();
                    assertThat(Ports.isListening(InetAddress.getByName("127.0.0.2"), port))
                            .isFalse();
                });
    }
}
