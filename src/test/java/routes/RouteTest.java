package routes;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.test.spring.junit5.CamelSpringBootTest;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import routes.kafka.BatchTime;
import routes.settings.ComponentSettings;

/**
 * A test of routes alone: no servers, and the beans that they call are mocks. The test names the routes with {@code @Import}, and
 * bears {@code @UseAdviceWith} itself where it changes them (Camel does not look for it behind other annotations).
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@CamelSpringBootTest
@SpringBootTest(
        classes = {SharedPolicy.class, BatchTime.class, ComponentSettings.class},
        webEnvironment = SpringBootTest.WebEnvironment.NONE)
@ImportAutoConfiguration(CamelAutoConfiguration.class)
@interface RouteTest {}
