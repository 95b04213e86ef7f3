package faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import faults.ScriptedSmtpServer.Answer;
import faults.ScriptedSmtpServer.Command;
import faults.ScriptedSmtpServer.Mail;
import faults.ScriptedSmtpServer.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.EventData.UserSignedUp;
import routes.event.Events;

/** What an SMTP server may answer. Each answer by itself is a test of the sender's; here they come together, under load. */
@ExtendWith(Stage.Provider.class)
class MailFaultsIT {

    private static final int PEOPLE = Stage.isLong() ? 2_000 : 200;

    private final Stage stage;
    private final JdbcClient jdbc;

    MailFaultsIT(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
    }

    /** The last attempt of a delivery, by whom it was for. */
    record Ended(String email, String status, String code) {}

    @Test
    void f13WhateverTheSmtpServerAnswersEachMailArrivesOrHasFailedForGood() throws Exception {
        Duration timeout = Duration.ofSeconds(Stage.isLong() ? 30 : 2);
        try (Fault fault = stage.fault(
                        "F13",
                        "SMTP: 421, 450, 451, 550, dropped after DATA, a reply after twice the timeout, STARTTLS missing",
                        "4xx and drops again, 5xx failed, no plain text where TLS is required");
                ScriptedSmtpServer server = ScriptedSmtpServer.start()) {
            stage.endShared();
            Service.Start start = stage.instance("scripted-smtp")
                    .withVariable("SMTP_PORT", String.valueOf(server.port()))
                    .with(
                            "--mail.timeout=" + timeout.toSeconds() + "s",
                            "--mail.accept-timeout=" + timeout.toSeconds() + "s");

            try (Service strict =
                    stage.start(start.withVariable("SMTP_STARTTLS", "true")).awaitReady()) {
                publish(people(5));
                await().atMost(Duration.ofSeconds(60)).until(() -> server.connections() > 5);
                fault.require(strict.isAlive(), "the service has ended");
                strict.terminate(Stage.ENDED);
            }
            fault.require(server.mails().isEmpty(), "a mail was sent in plain text where TLS is required")
                    .require(
                            server.commands().stream()
                                    .map(Command::line)
                                    .noneMatch(line -> line.matches("(MAIL|RCPT|DATA|AUTH).*")),
                            "more than a greeting was said in plain text where TLS is required");
            server.clear();

            try (Service service = stage.start(start).awaitReady()) {
                fault.verifier().awaitDrained(Duration.ofMinutes(2)); // what waited for TLS
                int lost = script(server, fault.random(), timeout.multipliedBy(2));
                List<String> people = people(PEOPLE);
                publish(people);
                fault.verifier().awaitDrained(Duration.ofMinutes(Stage.isLong() ? 20 : 2));
                fault.require(service.isAlive(), "the service has ended");
                check(fault, server, people, lost);
                service.terminate(Stage.ENDED);
            }
            fault.end(0);
        }
    }

    /** Sets the answers of a bad day; returns how many replies to a whole mail are lost on the way. */
    private static int script(ScriptedSmtpServer server, Random random, Duration late) {
        int lost = 0;
        for (Step step : List.of(Step.MAIL, Step.RCPT, Step.DATA, Step.END_OF_DATA)) {
            String good = step == Step.DATA ? "354 go ahead" : "250 ok";
            List<Answer> bad = new ArrayList<>(List.of(
                    Answer.of("421 4.3.2 closing"),
                    Answer.of("450 4.2.1 busy"),
                    Answer.of("451 4.3.0 trouble"),
                    Answer.of("550 5.1.1 no such user"),
                    Answer.drop()));
            for (int i = 0; i < PEOPLE / 2; i++) {
                Answer answer = random.nextInt(4) == 0 ? bad.get(random.nextInt(bad.size())) : Answer.of(good);
                server.answer(step, answer);
                lost += step == Step.END_OF_DATA && answer.reply() == null ? 1 : 0;
            }
            server.answer(step, Answer.late(good, late));
        }
        return lost + 1;
    }

    private void check(Fault fault, ScriptedSmtpServer server, List<String> people, int lost) {
        Map<String, List<Mail>> accepted = server.mails().stream()
                .filter(Mail::accepted)
                .collect(Collectors.groupingBy(mail -> mail.recipients().get(0)));
        Set<String> withoutEnd = new HashSet<>(people);
        int failed = 0;
        int repeats = 0;
        for (Ended ended : ended()) {
            if (!withoutEnd.remove(ended.email())) {
                continue;
            }
            List<Mail> mails = accepted.getOrDefault(ended.email(), List.of());
            if (ended.status().equals("failed")) {
                failed++;
                fault.require(ended.code().equals("550"), "a mail has failed with the code " + ended.code());
                continue;
            }
            long ids = mails.stream()
                    .map(mail -> mail.header("Message-ID"))
                    .distinct()
                    .count();
            fault.require(ids == 1, "%s has mails under %d Message-IDs".formatted(ended.email(), ids));
            repeats += mails.size() - 1;
        }
        fault.figure("mails", people.size())
                .figure("connections", server.connections())
                .figure("refused for good", failed)
                .figure("repeated under the same Message-ID", repeats)
                .figure("repeats allowed", lost)
                .require(withoutEnd.isEmpty(), "I1: neither delivered nor failed: " + withoutEnd)
                .require(failed > 0, "no mail was refused: the fault was not caused")
                .require(repeats <= lost, "I2: %d mails repeated, %d replies lost".formatted(repeats, lost))
                .require(
                        server.mails().stream()
                                .allMatch(mail -> mail.recipients().equals(List.of(mail.header("To")))),
                        "a mail went to somebody else's recipient");
    }

    private List<Ended> ended() {
        return jdbc.sql("""
                        SELECT d.event -> 'data' ->> 'email' AS email, d.status, coalesce(a.code, '') AS code
                        FROM event_routes.delivery d
                        JOIN event_routes.delivery_attempt a ON a.delivery_id = d.id AND a.outcome = d.status
                        WHERE d.event -> 'data' ->> 'email' LIKE '%@example.com' AND d.status IN ('delivered', 'failed')
                        """).query(Ended.class).list();
    }

    private static List<String> people(int count) {
        List<String> people = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            people.add(Events.email());
        }
        return people;
    }

    private void publish(List<String> people) {
        Map<String, Object> settings = Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                stage.platform().kafka().brokers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String person : people) {
                String campaign = Events.id();
                String event = Events.json(Events.of(new UserSignedUp(Events.id(), campaign, person)), json -> {})
                        .toString();
                var unused = producer.send(
                        new ProducerRecord<>(Stage.TOPIC, campaign.getBytes(UTF_8), event.getBytes(UTF_8)));
            }
        }
    }
}
