package routes.login;

import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import routes.settings.InvalidSettingException;

/** Keeps management off the port of the API: the login would guard both, or neither. */
@Component
class ManagementPortCheck {

    ManagementPortCheck(Environment environment) {
        if (ManagementPortType.get(environment) == ManagementPortType.SAME) {
            throw new InvalidSettingException(
                    "management.server.port",
                    "is also the port of the API (SERVER_PORT): write another one, such as 9876");
        }
    }
}
