package routes.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one running platform. A file in it marks it as the platform's, names the process that uses it, and is locked as long
 * as that process lives.
 */
final class DataDirectory implements AutoCloseable {
    static final String MARKER = ".development-platform";

    /** Beyond the process id, so that others can read it while the lock is held. */
    private static final long LOCKED_BYTE = 1_000;

    /** A lock on a file is the whole process's: within the process this set keeps two platforms apart. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel marker;

    private DataDirectory(Path path, FileChannel marker) {
        this.path = path;
        this.marker = marker;
    }

    /**
     * Opens a directory for this process alone.
     *
     * @throws PlatformException if another platform runs on it, or if it holds files of something else
     */
    static DataDirectory open(Path wished) {
        try {
            Path path = Files.createDirectories(wished).toRealPath();
            Path marker = path.resolve(MARKER);
            if (!Files.exists(marker) && !isEmpty(path)) {
                throw new PlatformException("The directory " + path + " holds files that are not the development"
                        + " platform's. Choose an empty or a new one: -Dplatform.data=...");
            }
            if (!OPEN.add(path)) {
                throw inUse(path, Long.toString(ProcessHandle.current().pid()));
            }
            FileChannel channel = lock(marker);
            if (channel == null) {
                OPEN.remove(path);
                throw inUse(path, Files.readString(marker));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return new DataDirectory(path, channel);
        } catch (IOException e) {
            throw new UncheckedIOException("The directory " + wished + " cannot be used for the platform's data", e);
        }
    }

    Path path() {
        return path;
    }

    /** Deletes all that the platform has stored here. */
    void reset() {
        try (Stream<Path> children = Files.list(path)) {
            for (Path child : children.filter(c -> !c.endsWith(MARKER)).toList()) {
                Files.walkFileTree(child, new Deletion());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            marker.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            OPEN.remove(path);
        }
    }

    private static @Nullable FileChannel lock(Path marker) throws IOException {
        FileChannel channel = FileChannel.open(marker, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
        if (lock == null) {
            channel.close();
            return null;
        }
        return channel;
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.findAny().isEmpty();
        }
    }

    private static PlatformException inUse(Path path, String pid) {
        return new PlatformException("A development platform already runs on " + path + ", in process " + pid
                + ". Stop that one, or choose another directory: -Dplatform.data=...");
    }

    /** Follows no symbolic link: what lies behind one is not the platform's. */
    private static final class Deletion extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
