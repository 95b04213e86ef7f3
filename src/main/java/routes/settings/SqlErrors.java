package routes.settings;

import java.sql.SQLException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.stereotype.Component;

/**
 * Says of a statement that failed which of the {@linkplain SqlFiles SQL files} it is from, and what the database said. Spring would repeat
 * the whole statement first, which leaves no room for the reason where reasons are cut.
 */
@Component
public class SqlErrors extends SQLExceptionSubclassTranslator {

    private static final Pattern NAMES = Pattern.compile("^-- (sql/\\S+)$", Pattern.MULTILINE);

    /** A template on another data source than the pool, whose failures read the same. */
    public static JdbcTemplate template(DataSource dataSource) {
        JdbcTemplate template = new JdbcTemplate(dataSource);
        template.setExceptionTranslator(new SqlErrors());
        return template;
    }

    @Override
    public @Nullable DataAccessException translate(String task, @Nullable String sql, SQLException failure) {
        String files = sql == null
                ? ""
                : NAMES.matcher(sql).results().map(name -> name.group(1)).collect(Collectors.joining(", "));
        if (files.isEmpty()) {
            return super.translate(task, sql, failure);
        }
        DataAccessException translated = super.translate(files, null, failure);
        if (translated == null) { // such as a lock that was not obtained: Spring knows no class for it
            return new UncategorizedSQLException(files, null, failure);
        }
        return translated instanceof BadSqlGrammarException
                ? new BadSqlGrammarException(files, String.valueOf(failure.getMessage()), failure)
                : translated;
    }
}
