package bench;

import faults.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process of the service needs of memory, as it says itself four times a second. */
final class Memory implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final Service service;
    private final Thread thread = new Thread(this::watch, "memory");
    private volatile boolean watching = true;
    private volatile double heap;

    private Memory(Service service) {
        this.service = service;
    }

    static Memory watch(Service service) {
        Memory memory = new Memory(service);
        memory.thread.start();
        return memory;
    }

    /** The most MB of heap that were in use, with what was not yet collected. */
    double heap() {
        return heap / 1e6;
    }

    /** The most MB of memory that the process has had so far; 0 where the system does not tell. */
    double resident() {
        try {
            return Files.readAllLines(Path.of("/proc", String.valueOf(service.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1000)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private void watch() {
        while (watching) {
            try {
                heap = Math.max(heap, used());
                Thread.sleep(250);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private double used() throws IOException, InterruptedException {
        URI metrics = URI.create("http://localhost:%d/observe/metrics".formatted(service.managementPort()));
        return http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith("jvm_memory_used_bytes{") && line.contains("area=\"heap\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() {
        watching = false;
        thread.interrupt();
    }
}
