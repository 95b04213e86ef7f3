package routes;

import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import routes.settings.InvalidSettingException;

/** Looks at the addresses in settings without asking a DNS server: what can be a name is left out, and what can be neither is refused. */
final class AddressesUnasked extends AbstractBindHandler {

    /** Java asks nobody about these, nor about what only looks like IPv6. */
    private static final Pattern ADDRESS =
            Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?!$)|$)){4}|\\[?[0-9A-Fa-f]*:.*");

    /** RFC 1123, section 2.1, and IPv4 in short, such as 127.1. */
    private static final Pattern NAME = Pattern.compile("(?!(\\d+\\.){3}\\d+\\.?$)[A-Za-z0-9.-]+");

    private final Environment environment;

    AddressesUnasked(BindHandler parent, Environment environment) {
        super(parent);
        this.environment = environment;
    }

    @Override
    public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target, BindContext context) {
        String value =
                target.getType().resolve() == InetAddress.class ? environment.getProperty(name.toString()) : null;
        if (value == null || value.isEmpty() || ADDRESS.matcher(value).matches()) {
            return super.onStart(name, target, context);
        }
        if (NAME.matcher(value).matches()) {
            return null;
        }
        throw new InvalidSettingException(
                name.toString(),
                "is \"%s\": write an address of this machine, such as 127.0.0.1 or 0.0.0.0".formatted(value));
    }
}
