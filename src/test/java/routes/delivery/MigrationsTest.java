package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** Migrations run while instances of the previous version are running, on ledgers of many million rows. */
class MigrationsTest {

    private static final int FIRST_FOR_UPGRADES = 19;

    private static final String LEDGER = "(event_routes\\.)?delivery(_attempt)?\\b";

    /**
     * Statements that do not touch the ledger, or finish quickly once they have their lock, however many rows there are. CREATE INDEX
     * CONCURRENTLY is not one of them: Flyway holds a lock in a transaction, and the index would wait for its end forever.
     */
    private static final List<String> SHORT = List.of(
            "(?!.*\\b" + LEDGER + ").*",
            "create (or replace )?(function|view) .*",
            "comment on .*",
            "create table (?!.* as select ).*",
            "create (unique )?index .* on (?!(only )?" + LEDGER + ").*",
            "drop index .*",
            "alter table " + LEDGER
                    + " (drop column|drop constraint \\w+$|add column (?!.*(not null|generated|unique|primary|check|references|alter )"
                    + "|.*default \\S*\\()).*",
            "alter table " + LEDGER + " set \\(autovacuum_.*", // its lock holds up no statement of the service
            "alter table " + LEDGER + " add constraint .* not valid");

    /** The cancelled rows: nobody waits for them, and there are few. */
    private static final String CANCELLED = "V24__cancelled.sql";

    @Test
    void noStatementReadsOrHoldsTheWholeLedger() throws Exception {
        Resource[] migrations = new PathMatchingResourcePatternResolver().getResources("classpath:db/migration/V*.sql");

        assertThat(migrations).hasSizeGreaterThan(10);
        List<String> wrong = new ArrayList<>();
        for (Resource migration : migrations) {
            String name = String.valueOf(migration.getFilename());
            if (Integer.parseInt(name.substring(1, name.indexOf('_'))) >= FIRST_FOR_UPGRADES
                    && !name.equals(CANCELLED)) {
                statements(migration.getContentAsString(StandardCharsets.UTF_8))
                        .filter(sql -> !isShort(sql))
                        .forEach(sql -> wrong.add(name + ": " + sql));
            }
        }
        assertThat(wrong)
                .as("make it finish quickly, or change rows in pages, in the service")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE delivery SET lane = NULL",
                "DELETE FROM event_routes.delivery_attempt WHERE reason IS NULL",
                "WITH old AS (SELECT id FROM delivery) DELETE FROM audit USING old",
                "INSERT INTO fan_out SELECT id FROM delivery",
                "CREATE TABLE copy AS SELECT * FROM delivery",
                "CREATE INDEX late ON delivery (lane)",
                "CREATE INDEX CONCURRENTLY late ON delivery (lane)",
                "DROP INDEX delivery_due; CREATE UNIQUE INDEX late ON ONLY event_routes.delivery (lane)",
                "ALTER TABLE delivery ALTER COLUMN lane TYPE uuid USING CAST(lane AS uuid)",
                "ALTER TABLE delivery ALTER COLUMN lane SET NOT NULL",
                "ALTER TABLE delivery ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY",
                "ALTER TABLE delivery ADD COLUMN other uuid REFERENCES audit",
                "ALTER TABLE delivery ADD COLUMN other uuid, ALTER COLUMN lane TYPE uuid",
                "ALTER TABLE delivery ADD COLUMN other uuid DEFAULT gen_random_uuid()",
                "ALTER TABLE delivery ADD CONSTRAINT c CHECK (lane <> '')",
                "VACUUM FULL delivery",
                "CLUSTER delivery USING delivery_pkey"
            })
    void whatDoesSoIsFound(String sql) {
        assertThat(statements(sql)).anyMatch(statement -> !isShort(statement));
    }

    private static boolean isShort(String sql) {
        return SHORT.stream().anyMatch(sql::matches);
    }

    private static Stream<String> statements(String migration) {
        return Stream.of(migration
                        .replaceAll("--[^\n]*", "")
                        .toLowerCase(Locale.ROOT)
                        .split(";", -1))
                .map(sql -> sql.strip().replaceAll("\\s+", " "));
    }
}
