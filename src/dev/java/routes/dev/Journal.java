package routes.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has arrived, in the order in which it did. Each entry is a file, and so outlives the process. */
final class Journal<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);
    private static final int TIME_LENGTH = "yyyyMMdd-HHmmss-SSS".length();

    private final Path directory;
    private final String suffix;
    private final Reader<T> reader;
    private final ConcurrentNavigableMap<String, T> entries = new ConcurrentSkipListMap<>();
    private int sequence;

    /** How a file becomes an entry. */
    interface Reader<T> {
        T read(String id, Instant received, byte[] file) throws Exception;
    }

    /**
     * Opens the journal of a directory and reads what it holds.
     *
     * @param suffix the end of the names of its files, such as {@code .eml}
     */
    Journal(Path directory, String suffix, Reader<T> reader) {
        this.directory = directory;
        this.suffix = suffix;
        this.reader = reader;
        load();
    }

    T add(byte[] file) {
        try {
            String id = nextId();
            // Moved into place, so that a crash leaves no half of a file.
            Path unfinished = Files.write(directory.resolve(id + ".tmp"), file);
            Files.move(unfinished, path(id), StandardCopyOption.ATOMIC_MOVE);
            T entry = reader.read(id, received(id), file);
            entries.put(id, entry);
            return entry;
        } catch (Exception e) {
            throw new IllegalStateException("What has arrived cannot be kept in " + directory, e);
        }
    }

    List<T> newestFirst() {
        return List.copyOf(entries.descendingMap().values());
    }

    Optional<T> find(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    /** Returns the file of an entry. */
    Optional<byte[]> file(String id) {
        // Only ids that are known: what is in an address must not choose a file.
        if (!entries.containsKey(id)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readAllBytes(path(id)));
        } catch (NoSuchFileException cleared) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void clear() {
        try {
            for (String id : entries.keySet()) {
                entries.remove(id);
                Files.deleteIfExists(path(id));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void load() {
        try (Stream<Path> files = Files.list(Files.createDirectories(directory))) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .map(name -> name.substring(0, name.length() - suffix.length()))
                    .forEach(this::load);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void load(String id) {
        try {
            entries.put(id, reader.read(id, received(id), Files.readAllBytes(path(id))));
        } catch (Exception e) {
            LOG.warn("{} is passed over, it cannot be read", path(id), e);
        }
    }

    private Path path(String id) {
        return directory.resolve(id + suffix);
    }

    private synchronized String nextId() {
        sequence++;
        return String.format(Locale.ROOT, "%s-%06d", TIME.format(Instant.now()), sequence);
    }

    private static Instant received(String id) {
        return Instant.from(TIME.parse(id.substring(0, TIME_LENGTH)));
    }
}
