package routes.webhook;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;

/**
 * A program that calls every hostile URL, in a network namespace in which every address there is leads to this very program. Prints
 * how many connections that made, and then those of a URL that may be called.
 */
public final class HostileUrlsProbe {

    private static final int[] PORTS = {22, 80, 443, 8443, 9092};

    private HostileUrlsProbe() {}

    /**
     * Calls them.
     *
     * @param args none
     */
    public static void main(String[] args) throws Exception {
        AtomicInteger connections = new AtomicInteger();
        for (int port : PORTS) {
            ServerSocket canary = new ServerSocket(port, 50, InetAddress.getByName("::"));
            Thread listener = new Thread(() -> count(canary, connections));
            listener.setDaemon(true);
            listener.start();
        }
        HostileUrls urls = new HostileUrls();
        for (String url : HostileUrls.ALL) {
            call(urls, url);
        }
        int hostile = connections.get();
        call(urls, HostileUrls.FRIENDLY);
        System.out.println("hostile=" + hostile + " friendly=" + (connections.get() - hostile));
    }

    private static void call(HostileUrls urls, String url) {
        try {
            urls.call(url, PoolingHttpClientConnectionManagerBuilder.create());
        } catch (Exception refused) {
            System.err.println(url + ": " + refused.getMessage());
        }
    }

    private static void count(ServerSocket canary, AtomicInteger connections) {
        while (true) {
            try (Socket caller = canary.accept()) {
                connections.incrementAndGet();
            } catch (IOException e) {
                return;
            }
        }
    }
}
