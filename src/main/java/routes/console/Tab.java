package routes.console;

import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** An entry of the navigation, with the pages and forms behind it. */
interface Tab {

    /** Its pages. {@link Pages} handles what they throw. */
    RouterFunction<ServerResponse> routes();
}
