package routes.settings;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.logging.Log;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Hides environment variables that look like settings but are not. Kubernetes and Docker announce neighbouring services: one
 * called smtp sets {@code SMTP_PORT=tcp://10.0.0.7:25}. And a key that application.yaml reads from one variable has no other:
 * {@code mail.host} is SMTP_HOST, whatever MAIL_HOST is for. Warns of a variable whose name is almost that of a setting.
 */
class OwnVariables implements EnvironmentPostProcessor, Ordered {

    /** A value from variables only, such as {@code ${SMTP_HOST:}}. */
    static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)[:}].*");

    /** Kubernetes, "Accessing the Service", environment variables; the others are those of Docker's links. */
    private static final Pattern LINK =
            Pattern.compile(".+_SERVICE_(HOST|PORT|PORT_.+)|.+_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");

    private static final Pattern LINKED_PORT = Pattern.compile("(tcp|udp|sctp)://.*");

    private final Log log;

    OwnVariables(DeferredLogFactory logs) {
        this.log = logs.getLog(OwnVariables.class);
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        if (environment.getPropertySources().get(name) instanceof SystemEnvironmentPropertySource variables) {
            Set<String> names = new TreeSet<>();
            Set<String> lookAlikes = new HashSet<>();
            Set<String> ofKeys = new HashSet<>();
            collect(environment, names, lookAlikes, ofKeys);
            Map<String, Object> own = new LinkedHashMap<>(variables.getSource());
            own.entrySet().removeIf(OwnVariables::isLink);
            own.keySet().stream()
                    .filter(variable -> !names.contains(variable) && !ofKeys.contains(variable))
                    .forEach(variable -> Nearest.to(variable, names)
                            .ifPresent(meant -> log.warn("%s is not a variable of this service, did you mean %s?"
                                    .formatted(variable, meant))));
            own.keySet().removeIf(variable -> lookAlikes.contains(variable.toUpperCase(Locale.ROOT)));
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

    /**
     * Collects from the files of settings.
     *
     * @param names the variables that keys are read from
     * @param lookAlikes what Spring would also bind to these keys
     * @param ofKeys the variables, by Spring's rule, of the keys without one of their own
     */
    private static void collect(
            ConfigurableEnvironment environment, Set<String> names, Set<String> lookAlikes, Set<String> ofKeys) {
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof OriginTrackedMapPropertySource file) {
                for (String key : file.getPropertyNames()) {
                    Matcher placeholder = PLACEHOLDER.matcher(String.valueOf(file.getProperty(key)));
                    String spelled = key.toUpperCase(Locale.ROOT).replace('.', '_');
                    Set<String> spellings = placeholder.matches() ? lookAlikes : ofKeys;
                    spellings.add(spelled.replace("-", ""));
                    spellings.add(spelled.replace('-', '_'));
                    if (placeholder.matches()) {
                        names.add(placeholder.group(1));
                    }
                }
            }
        }
        lookAlikes.removeAll(names);
    }

    /** Runs after the files have been read. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
