package faults;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import routes.dev.EmbeddedKafka;

/** Logins and rights that the brokers take away and give back. */
@Tag(Stage.FURTHER)
@ExtendWith(Stage.Provider.class)
class LoginFaultsIT {

    private static final String USER = "event-routes";
    private static final String PASSWORD = "known-to-both";
    private static final Duration GOES_ON = Duration.ofSeconds(10);
    private static final int LINES_A_MINUTE = 10;

    private final Stage stage;

    LoginFaultsIT(Stage stage) {
        this.stage = stage;
    }

    /** What is taken away, and given back. */
    private record Right(String name, Change take, Change give) {}

    private interface Change {
        void make() throws ExecutionException, InterruptedException;
    }

    @Test
    void f17ALoginOrARightThatComesBackIsFoundToBeBackAndWasToldOfOnce() throws Exception {
        stage.endShared();
        String login = ((EmbeddedKafka) stage.platform().kafka()).restartWithLogin();
        Duration gone = Duration.ofSeconds(Stage.isLong() ? 60 : 5);
        try (Fault fault = stage.fault(
                        "F17",
                        "Kafka: user missing at the start, user removed, rights denied, %d s each"
                                .formatted(gone.toSeconds()),
                        "goes on 10 s after, at most 10 lines a minute, no dead letters, no thread gone");
                Admin admin = Admin.create(Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        stage.platform().kafka().brokers()))) {
            Generator load = fault.load(fault.usualLoad());
            Service service = stage.start(stage.instance("service-f17")
                            .withVariable("KAFKA_BROKERS", login)
                            .withVariable("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
                            .withVariable("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512")
                            .withVariable(
                                    "KAFKA_SASL_JAAS_CONFIG",
                                    "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                                            .formatted(USER, PASSWORD)))
                    .awaitReady();
            load.start();
            addUser(admin);
            fault.longest("flowing after the user is there, s", Flow.untilAllFlows(stage), GOES_ON);

            for (Right right : rights(admin)) {
                long before = warnings(service);
                right.take().make();
                Flow.pause(gone);
                long lines = warnings(service) - before;
                right.give().make();
                fault.longest("flowing after %s is back, s".formatted(right.name()), Flow.untilAllFlows(stage), GOES_ON)
                        .figure("lines in %d s without %s".formatted(gone.toSeconds(), right.name()), lines)
                        .require(lines >= 1, "nobody was told that %s was gone".formatted(right.name()))
                        .require(
                                lines <= LINES_A_MINUTE * Math.max(1, gone.toMinutes()),
                                "%d lines in %s without %s".formatted(lines, gone, right.name()));
            }

            fault.require(service.isAlive(), "the service has ended")
                    .standstillAllowed(gone.plusSeconds(30))
                    .end(0);
            service.terminate(Stage.ENDED);
        }
    }

    private static List<Right> rights(Admin admin) {
        Right topic = right(admin, ResourceType.TOPIC, Stage.TOPIC);
        if (!Stage.isLong()) {
            return List.of(topic);
        }
        return List.of(
                new Right("the user", () -> removeUser(admin), () -> addUser(admin)),
                topic,
                right(admin, ResourceType.GROUP, Stage.GROUPS.get(0)));
    }

    private static Right right(Admin admin, ResourceType type, String name) {
        AclBinding denied = new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry("User:" + USER, "*", AclOperation.READ, AclPermissionType.DENY));
        return new Right(
                "the right to read the %s %s".formatted(type.name().toLowerCase(java.util.Locale.ROOT), name),
                () -> admin.createAcls(List.of(denied)).all().get(),
                () -> admin.deleteAcls(List.of(denied.toFilter())).all().get());
    }

    private static void addUser(Admin admin) throws ExecutionException, InterruptedException {
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                        USER, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), PASSWORD)))
                .all()
                .get();
    }

    private static void removeUser(Admin admin) throws ExecutionException, InterruptedException {
        admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion(USER, ScramMechanism.SCRAM_SHA_512)))
                .all()
                .get();
    }

    private static long warnings(Service service) {
        return service.log()
                .lines()
                .filter(line -> (line.contains(" WARN ") || line.contains("ERROR "))
                        && !line.contains("DeadLetters")) // of what the load has in it
                .count();
    }
}
