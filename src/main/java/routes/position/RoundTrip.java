package routes.position;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.RowMapperResultSetExtractor;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.stereotype.Component;
import routes.settings.Statements;

/**
 * Several statements in one round trip to the database. They remain separate statements: each sees what the earlier ones have written,
 * and takes its snapshot after they are done, including their waits for locks. If one fails, those after it are not executed.
 */
@Component
class RoundTrip {

    private final NamedParameterJdbcOperations jdbc;
    private final Statements sql;

    RoundTrip(NamedParameterJdbcOperations jdbc, Statements sql) {
        this.jdbc = jdbc;
        this.sql = sql;
    }

    /**
     * Executes statements, and reads the rows of the last one.
     *
     * @param parameters the parameters of all statements
     */
    <T> List<T> query(Map<String, ?> parameters, RowMapper<T> mapper, String... statements) {
        String text = Stream.of(statements).map(sql::text).collect(Collectors.joining(";\n"));
        return Objects.requireNonNull(jdbc.execute(text, parameters, (PreparedStatement all) -> {
            all.execute();
            for (int i = 1; i < statements.length; i++) {
                all.getMoreResults();
            }
            return rows(all, mapper);
        }));
    }

    private static <T> List<T> rows(PreparedStatement last, RowMapper<T> mapper) throws SQLException {
        try (ResultSet rows = last.getResultSet()) {
            return new RowMapperResultSetExtractor<>(mapper).extractData(rows);
        }
    }

    /** Executes a statement once for each set of parameters. */
    void update(List<? extends SqlParameterSource> parameters, String statement) {
        jdbc.batchUpdate(sql.text(statement), parameters.toArray(SqlParameterSource[]::new));
    }

    /** A PostgreSQL array literal of numbers, times or UUIDs, in which nothing needs quotes. */
    static <T> String array(Collection<T> elements, Function<? super T, ?> value) {
        return elements.stream()
                .map(element -> String.valueOf(value.apply(element)))
                .collect(Collectors.joining(",", "{", "}"));
    }
}
