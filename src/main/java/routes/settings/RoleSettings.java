package routes.settings;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;

/**
 * The roles of this instance ({@code service.*}).
 *
 * @param roles one or several roles; empty for all (SERVICE_ROLES)
 */
@ConfigurationProperties(prefix = "service", ignoreUnknownFields = false)
public record RoleSettings(@DefaultValue("all") List<Role> roles) {

    /** Reads the roles from the environment, before there are beans. An unknown role fails, as it does for the bean. */
    static RoleSettings of(Environment environment) {
        return Binder.get(environment).bindOrCreate("service", RoleSettings.class);
    }

    /** Whether this instance has one of these roles. */
    public boolean includesOneOf(Role... some) {
        Set<Role> mine = all(roles);
        return Arrays.stream(some).anyMatch(mine::contains);
    }

    /** An empty environment variable counts as unset. */
    private static Set<Role> all(Collection<Role> roles) {
        return roles.isEmpty() || roles.contains(Role.ALL) ? EnumSet.allOf(Role.class) : EnumSet.copyOf(roles);
    }

    /** The roles as written in the setting, such as {@code email,publish}. */
    @Override
    public String toString() {
        return (roles.isEmpty() ? List.of(Role.ALL) : roles)
                .stream().map(role -> role.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(","));
    }
}
