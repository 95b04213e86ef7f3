package routes.login;

import java.util.stream.Stream;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import routes.settings.InvalidSettingException;

/** Refuses ports that there are not, and keeps management off the port of the API: the login would guard both, or neither. */
@Component
class ManagementPortCheck {

    private static final int HIGHEST = 65_535;

    ManagementPortCheck(Environment environment) {
        InvalidSettingException.throwAll(Stream.of("server.port", "management.server.port")
                .filter(key -> environment.getProperty(key, Integer.class, 0) > HIGHEST)
                .map(key -> new InvalidSettingException(
                        key, "is \"%s\": write a port from 1 to %d".formatted(environment.getProperty(key), HIGHEST))));
        if (ManagementPortType.get(environment) == ManagementPortType.SAME) {
            throw new InvalidSettingException(
                    "management.server.port",
                    "is also the port of the API (SERVER_PORT): write another one, such as 9876");
        }
    }
}
