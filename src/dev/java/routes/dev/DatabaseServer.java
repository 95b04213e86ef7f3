package routes.dev;

import javax.sql.DataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/** A PostgreSQL server with the database of the service, and in it the tables of the application. */
public interface DatabaseServer extends Server {

    /** The name of the database, of its user, and of that user's password. */
    String NAME = "domain_events";

    /** Returns the address, as {@code DB_URL} takes it. */
    String url();

    /** Returns connections as the service's user. They are not pooled. */
    default DataSource dataSource() {
        return new DriverManagerDataSource(url(), NAME, NAME);
    }

    /** Creates the application's tables where they are missing. */
    default void createApplicationTables() {
        new ResourceDatabasePopulator(new ClassPathResource("dev/application-tables.sql")).execute(dataSource());
    }
}
