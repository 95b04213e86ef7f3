package routes.dev;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The HTTP server on the inbox port: the receiver of webhooks for what is posted to it, the pages for all else. */
final class WebServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(WebServer::daemon);

    private WebServer(HttpServer server) {
        this.server = server;
    }

    static WebServer start(int port, Pages pages, WebhookReceiver receiver) {
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            WebServer web = new WebServer(HttpServer.create(address, 0));
            HttpContext root = web.server.createContext("/", closing(exchange -> {
                boolean isWebhook = "POST".equals(exchange.getRequestMethod())
                        && exchange.getRequestURI().getPath().startsWith(WebhookReceiver.PATH);
                (isWebhook ? receiver : pages).handle(exchange);
            }));
            root.getFilters().add(new LocalHostOnly());
            web.server.setExecutor(web.threads);
            web.server.start();
            return web;
        } catch (IOException e) {
            throw new PlatformException("The inbox page cannot listen on port " + port + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static HttpHandler closing(HttpHandler handler) {
        return exchange -> {
            try (exchange) {
                handler.handle(exchange);
            }
        };
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "inbox-http");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Refuses requests for any host name but this machine's own. Without it a page of the web could point its name to 127.0.0.1 and read
     * the inbox through the browser (DNS rebinding).
     */
    private static final class LocalHostOnly extends Filter {

        @Override
        public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
            if (isLocal(exchange.getRequestHeaders().getFirst("Host"))) {
                chain.doFilter(exchange);
            } else {
                exchange.sendResponseHeaders(403, -1);
                exchange.close();
            }
        }

        @Override
        public String description() {
            return "Answers for localhost only";
        }
    }

    static boolean isLocal(@Nullable String host) {
        return Objects.requireNonNullElse(host, "").matches("(?i)(localhost|127\\.0\\.0\\.1)(:\\d{1,5})?");
    }
}
