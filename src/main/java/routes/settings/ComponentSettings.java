package routes.settings;

import org.apache.camel.Component;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.camel.support.PropertyBindingSupport;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/**
 * Binds {@code camel.component.<name>.*} to all components, which are here without their Spring Boot starters: these silently ignore
 * unknown keys (docs/adr/0003) and take time at each start (docs/adr/0072). Here an unknown key stops the start, and so does any key of
 * {@code http}.
 */
@org.springframework.stereotype.Component
public class ComponentSettings implements ComponentCustomizer {

    /** The component of the webhooks: an option could bypass the address guard, the deadline or the host name check. */
    private static final String WITHOUT_SETTINGS = "http";

    private final Environment environment;

    ComponentSettings(Environment environment) {
        this.environment = environment;
    }

    @Override
    public boolean isEnabled(String name, Component target) {
        return true;
    }

    @Override
    public void configure(String name, Component target) {
        String prefix = "camel.component." + name;
        Binder.get(environment)
                .bind(prefix, Bindable.mapOf(String.class, Object.class))
                .ifBound(settings -> settings.forEach((key, value) -> bind(target, prefix, key, value)));
    }

    private static void bind(Component target, String prefix, String key, Object value) {
        if (value instanceof String text && text.isBlank()) {
            return; // an unset environment variable
        }
        if (prefix.endsWith("." + WITHOUT_SETTINGS)) {
            throw new InvalidSettingException(
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
        } catch (PropertyBindingException e) {
            Throwable cause = e.getCause();
            String problem = cause == null
                    ? "is not an option of the component: remove it, or see the component's page in Camel's documentation"
                    : "cannot be set: " + cause.getMessage();
            throw new InvalidSettingException(prefix + "." + key, problem);
        }
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
