package faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every effect that the sinks saw, in the order in which they did: one line each. */
final class EffectLog implements AutoCloseable {

    private final List<Effect> effects = new ArrayList<>();
    private final Writer lines;

    EffectLog(Path file) {
        try {
            this.lines = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void add(String key, String id) {
        Effect effect = new Effect(key, id, Instant.now());
        effects.add(effect);
        try {
            lines.write("%s\t%s\t%s%n".formatted(effect.at(), effect.key(), effect.id()));
            lines.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized List<Effect> list() {
        return List.copyOf(effects);
    }

    synchronized int size() {
        return effects.size();
    }

    /** The first effect after a moment. */
    synchronized Optional<Instant> firstAfter(Instant moment) {
        int from = effects.size();
        while (from > 0 && effects.get(from - 1).at().isAfter(moment)) {
            from--;
        }
        return from == effects.size()
                ? Optional.empty()
                : Optional.of(effects.get(from).at());
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
