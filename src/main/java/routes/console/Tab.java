package routes.console;

import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** An entry of the navigation, with the pages and forms behind it. */
interface Tab {

    /** Its pages. What they throw is answered by {@link Pages}. */
    RouterFunction<ServerResponse> routes();
}
