package routes.delivery;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.stereotype.Component;
import routes.background.Trouble;
import routes.settings.SqlFiles;

/**
 * Changes the schema while instances of the previous version are running, on ledgers of many million rows. Statements have no time
 * limit, whatever the role or the driver sets. A migration waits only briefly for a lock, since all others wait behind it, and is then
 * retried.
 */
@Component
class Migrations extends BaseCallback implements FlywayMigrationStrategy {

    private final Trouble trouble = new Trouble("the migration of the schema");
    private final String limits;

    Migrations(SqlFiles sql) {
        this.limits = sql.read("delivery/migrate.sql");
    }

    @Override
    public void migrate(Flyway flyway) {
        while (true) {
            try {
                flyway.migrate();
                trouble.worked();
                return;
            } catch (FlywayException e) {
                if (!DatabaseErrors.isOfALock(e)) {
                    throw e;
                }
                LockSupport.parkNanos(trouble.failed(e).toNanos());
            }
        }
    }

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_EACH_MIGRATE;
    }

    @Override
    public void handle(Event event, Context context) {
        Connection connection = context.getConnection();
        try (Statement statement = connection.createStatement()) {
            connection.setNetworkTimeout(Runnable::run, 0); // the pool sets it back
            statement.execute(limits);
        } catch (SQLException e) {
            throw new FlywayException("Could not set the timeouts of the migration's session: " + e.getMessage(), e);
        }
    }
}
