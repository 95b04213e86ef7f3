package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** Migrations run while instances of the version before are at work, on ledgers of many million rows. */
class MigrationsTest {

    private static final int FIRST_FOR_UPGRADES = 19;

    @Test
    void anIndexOfTheLedgerIsBuiltWithoutHoldingItUp() throws Exception {
        Resource[] migrations = new PathMatchingResourcePatternResolver().getResources("classpath:db/migration/V*.sql");

        assertThat(migrations).hasSizeGreaterThan(10);
        for (Resource migration : migrations) {
            String name = String.valueOf(migration.getFilename());
            if (Integer.parseInt(name.substring(1, name.indexOf('_'))) >= FIRST_FOR_UPGRADES) {
                assertThat(statements(migration))
                        .as("indexes of delivery in %s that are not built CONCURRENTLY", name)
                        .noneMatch(sql -> sql.startsWith("create")
                                && sql.contains(" index ")
                                && !sql.contains(" concurrently ")
                                && sql.matches("(?s).* on (only )?(event_routes\\.)?delivery(_attempt)? .*"));
            }
        }
    }

    private static Stream<String> statements(Resource migration) throws Exception {
        return Stream.of(migration
                        .getContentAsString(StandardCharsets.UTF_8)
                        .replaceAll("--[^\n]*", "")
                        .toLowerCase(Locale.ROOT)
                        .split(";", -1))
                .map(sql -> sql.strip().replaceAll("\\s+", " "));
    }
}
