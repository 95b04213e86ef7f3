package routes.settings;

import java.util.Optional;
import java.util.Set;
import org.apache.camel.Component;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.camel.support.PropertyBindingSupport;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/**
 * Binds {@code camel.component.<name>.*} to components without their Spring Boot starters, which silently ignore unknown keys
 * (docs/adr/0003). Here an unknown key stops the start, and so does any key of {@code http}.
 */
@org.springframework.stereotype.Component
public class ComponentSettings implements ComponentCustomizer {

    /** Also those whose starter binds them already: unknown keys stop the start. */
    private static final Set<String> COMPONENTS =
            Set.of("kafka", "sql", "smtp", "http", "https", "seda", "direct", "scheduler");

    /** The component of the webhooks: an option could bypass the address guard, the deadline or the host name check. */
    private static final String WITHOUT_SETTINGS = "http";

    private final Environment environment;

    ComponentSettings(Environment environment) {
        this.environment = environment;
    }

    @Override
    public boolean isEnabled(String name, Component target) {
        return COMPONENTS.contains(name);
    }

    @Override
    public void configure(String name, Component target) {
        String prefix = "camel.component." + name;
        Binder.get(environment)
                .bind(prefix, Bindable.mapOf(String.class, Object.class))
                .ifBound(settings -> InvalidSettingException.throwAll(settings.entrySet().stream()
                        .flatMap(setting -> bind(target, prefix, setting.getKey(), setting.getValue()).stream())));
    }

    /** Sets an option; returns what is wrong with it, if anything. */
    private static Optional<InvalidSettingException> bind(Component target, String prefix, String key, Object value) {
        if (value instanceof String text && text.isBlank()) {
            return Optional.empty(); // an unset environment variable
        }
        if (prefix.endsWith("." + WITHOUT_SETTINGS)) {
            return refused(
                    prefix + "." + key,
                    "is not a setting: that component calls the webhooks, and only webhooks.* configures it. For your own routes, write"
                            + " it as an option of their endpoint, or as camel.component.https." + key);
        }
        try {
            PropertyBindingSupport.build()
                    .withCamelContext(target.getCamelContext())
                    .withTarget(target)
                    .withProperty(key, value)
                    .withIgnoreCase(true)
                    .withMandatory(true)
                    .withConfigurer(target.getComponentPropertyConfigurer())
                    .bind();
            return Optional.empty();
        } catch (PropertyBindingException e) {
            Throwable cause = e.getCause();
            String problem = cause == null
                    ? "is not an option of the component: remove it, or see the component's page in Camel's documentation"
                    : "cannot be set: " + cause.getMessage();
            return refused(prefix + "." + key, problem);
        }
    }

    private static Optional<InvalidSettingException> refused(String key, String problem) {
        return Optional.of(new InvalidSettingException(key, problem));
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
