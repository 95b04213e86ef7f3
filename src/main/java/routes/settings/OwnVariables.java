package routes.settings;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Hides environment variables that look like settings but are not. Kubernetes and Docker announce neighbouring services: one
 * called smtp sets {@code SMTP_PORT=tcp://10.0.0.7:25}. And a key that application.yaml reads from one variable has no other:
 * {@code mail.host} is SMTP_HOST, whatever MAIL_HOST is for.
 */
class OwnVariables implements EnvironmentPostProcessor, Ordered {

    /** A value from variables only, such as {@code ${SMTP_HOST:}}. */
    static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)[:}].*");

    /** Kubernetes, "Accessing the Service", environment variables; the others are those of Docker's links. */
    private static final Pattern LINK =
            Pattern.compile(".+_SERVICE_(HOST|PORT|PORT_.+)|.+_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");

    private static final Pattern LINKED_PORT = Pattern.compile("(tcp|udp|sctp)://.*");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        if (environment.getPropertySources().get(name) instanceof SystemEnvironmentPropertySource variables) {
            Set<String> lookAlikes = lookAlikes(environment);
            Map<String, Object> own = new LinkedHashMap<>(variables.getSource());
            own.entrySet()
                    .removeIf(variable -> isLink(variable)
                            || lookAlikes.contains(variable.getKey().toUpperCase(Locale.ROOT)));
            environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, own));
        }
    }

    private static boolean isLink(Map.Entry<String, Object> variable) {
        return LINK.matcher(variable.getKey()).matches()
                || (variable.getKey().endsWith("_PORT")
                        && LINKED_PORT
                                .matcher(String.valueOf(variable.getValue()))
                                .matches());
    }

    /** What Spring would bind to the keys that have their own variable. */
    private static Set<String> lookAlikes(ConfigurableEnvironment environment) {
        Set<String> lookAlikes = new HashSet<>();
        Set<String> own = new HashSet<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof OriginTrackedMapPropertySource file) {
                for (String key : file.getPropertyNames()) {
                    Matcher placeholder = PLACEHOLDER.matcher(String.valueOf(file.getProperty(key)));
                    if (placeholder.matches()) {
                        own.add(placeholder.group(1));
                        String spelled = key.toUpperCase(Locale.ROOT).replace('.', '_');
                        lookAlikes.add(spelled.replace("-", ""));
                        lookAlikes.add(spelled.replace('-', '_'));
                    }
                }
            }
        }
        lookAlikes.removeAll(own);
        return lookAlikes;
    }

    /** Runs after the files have been read. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
