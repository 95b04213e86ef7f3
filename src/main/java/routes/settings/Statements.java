package routes.settings;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Component;

/** The statements in the {@linkplain SqlFiles SQL files}, by name. All files are read at startup. */
@Component
public class Statements {

    private final JdbcClient jdbc;
    private final Map<String, String> texts;

    @Autowired
    Statements(JdbcClient jdbc, SqlFiles files) throws IOException {
        this(jdbc, files.all());
    }

    private Statements(JdbcClient jdbc, Map<String, String> texts) {
        this.jdbc = jdbc;
        this.texts = texts;
    }

    /** The same statements with another client, which has its own connection or timeout. */
    public Statements with(JdbcClient other) {
        return new Statements(other, texts);
    }

    /**
     * A statement with parameters, to which more can be added.
     *
     * @param name the path of its file without the extension, such as {@code delivery/record}
     * @param parameters names and values in turn
     */
    public StatementSpec of(String name, @Nullable Object... parameters) {
        StatementSpec statement = jdbc.sql(text(name));
        for (int i = 0; i < parameters.length; i += 2) {
            statement = statement.param(String.valueOf(parameters[i]), parameters[i + 1]);
        }
        return statement;
    }

    /** The text of a statement, with named parameters. */
    public String text(String name) {
        String text = texts.get(name);
        if (text == null) {
            throw new IllegalArgumentException("There is no file sql/%s.sql".formatted(name));
        }
        return text;
    }
}
