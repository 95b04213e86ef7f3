package routes;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.test.spring.junit5.CamelSpringBootTest;
import org.apache.camel.test.spring.junit5.UseAdviceWith;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import routes.settings.ComponentSettings;

/**
 * A test of routes alone: no servers, the beans that they call are mocks, and Camel starts when the test has put its advice on the
 * routes. The test names the routes with {@code @Import}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@CamelSpringBootTest
@UseAdviceWith
@SpringBootTest(
        classes = {SharedPolicy.class, ComponentSettings.class},
        webEnvironment = SpringBootTest.WebEnvironment.NONE)
@ImportAutoConfiguration(CamelAutoConfiguration.class)
@interface RouteTest {}
