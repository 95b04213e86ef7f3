package routes.rehearsal;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.stereotype.Component;
import org.springframework.util.function.ThrowingFunction;
import routes.background.Masking;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;
import routes.event.DomainEvent;
import routes.event.EventData;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;
import routes.mail.Addresses;
import routes.mail.Mails;
import routes.mail.smtp.Suppressions;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.reward.Reward;
import routes.settings.Statements;
import routes.webhook.WebhookOperations;
import routes.webhook.Webhooks;

/**
 * Sends each mail of a campaign to an operator, and a ping to each of its receivers, by the routes and rules of the
 * real ones. Nothing is recorded but a row of the audit.
 */
@Component
public class RehearsalOperations {

    /** In milliseconds. */
    private static final int LIMIT = 10_000;

    private static final int RECEIVERS = 10;

    private final Statements sql;
    private final Audit audit;
    private final ObjectProvider<Mails> mails;
    private final ObjectProvider<Webhooks> webhooks;
    private final Suppressions suppressions;
    private final ProducerTemplate template;
    private final Executor threads = new SimpleAsyncTaskExecutor("rehearsal-");

    /** Guarded by {@code this}: ends with the last attempt, which may be later than its verdict. */
    private CompletableFuture<?> underWay = CompletableFuture.completedFuture(null);

    RehearsalOperations(
            Statements sql,
            Audit audit,
            ObjectProvider<Mails> mails,
            ObjectProvider<Webhooks> webhooks,
            Suppressions suppressions,
            ProducerTemplate template) {
        this.sql = sql;
        this.audit = audit;
        this.mails = mails;
        this.webhooks = webhooks;
        this.suppressions = suppressions;
        this.template = template;
    }

    /** What came of a rehearsal with a person's data, and what was left out of it, and why. */
    public record Report(@Nullable UUID person, List<Verdict> mails, List<Verdict> receivers, List<String> leftOut) {}

    /**
     * What came of one mail, or of the ping to one receiver.
     *
     * @param of the folder of the mail's templates, or the receiver's URL
     * @param result sent; refused, by the other side or by a rule; or failed, for want of an answer
     * @param reason why, in the words of the ledger; of a mail that was sent, what is made up in it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Verdict(
            String of, String result, @Nullable String reason, long durationMs) {}

    private record Attempt(String of, @Nullable String note, Callable<Outcome> work) {

        Verdict run() {
            long begun = System.nanoTime();
            Outcome outcome;
            try {
                outcome = work.call();
            } catch (Exception e) {
                outcome = Outcome.ofAttempt(e);
            }
            boolean unanswered = outcome.status() == DeliveryStatus.DUE && outcome.code() == null;
            String result = outcome.status() == DeliveryStatus.DELIVERED ? "sent" : unanswered ? "failed" : "refused";
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            return new Verdict(of, result, outcome.reason() == null ? note : Masking.mask(outcome.reason()), millis);
        }
    }

    private record Subject(
            @Nullable UUID person,
            String reward,
            @Nullable String description,
            boolean rewarded,
            String milestone,
            int participants,
            boolean reached) {}

    /**
     * Rehearses a campaign, in ten seconds at most.
     *
     * @param person whose data the mails have; null for the first by address
     * @param to the address that gets the mails
     */
    public Report rehearse(
            String campaign,
            @Nullable String person,
            @Nullable String to,
            @Nullable String by,
            @Nullable String reason) {
        UUID id = Arguments.uuid("campaign", campaign);
        InternetAddress address = address(Arguments.required("to", to));
        String who = Arguments.by(by);
        String why = Masking.maskAddresses(Arguments.reason(reason));
        Subject subject = subject(id, Arguments.ifGiven("person", person, Arguments::uuid));
        List<String> leftOut = new ArrayList<>();
        List<Attempt> attempts = new ArrayList<>(mails(id.toString(), subject, address, leftOut));
        int sent = attempts.size();
        attempts.addAll(pings(id, leftOut));
        Map<String, String> arguments = Map.of(
                "campaign", id.toString(),
                "person", Objects.toString(subject.person(), "nobody"),
                "to", Masking.maskAddresses(address.getAddress()),
                "reason", why);
        List<Verdict> verdicts = begin(who, arguments, attempts).stream()
                .map(CompletableFuture::join)
                .toList();
        return new Report(
                subject.person(), verdicts.subList(0, sent), verdicts.subList(sent, verdicts.size()), leftOut);
    }

    private static InternetAddress address(String to) {
        try {
            return Addresses.parse(to);
        } catch (AddressException e) {
            throw Arguments.wrong("to", "cannot be used: " + e.getMessage());
        }
    }

    private Subject subject(UUID campaign, @Nullable UUID person) {
        Subject found = sql.of("rehearsal/subject", "campaign", campaign, "person", person)
                .query(Subject.class)
                .optional()
                .orElseThrow(() -> Arguments.missing("there is no campaign " + campaign));
        if (person != null && found.person() == null) {
            throw Arguments.missing("there is no person %s in campaign %s".formatted(person, campaign));
        }
        return found;
    }

    private List<Attempt> mails(String campaign, Subject subject, InternetAddress to, List<String> leftOut) {
        Mails here = mails.getIfAvailable();
        if (here == null || subject.person() == null) {
            leftOut.add(
                    here == null
                            ? "mails: this instance has neither the role email nor reward"
                            : "mails: nobody takes part in the campaign yet; sign yourself up first");
            return List.of();
        }
        Mails rehearsal = here.rehearsal(to);
        String person = subject.person().toString();
        String any = UUID.randomUUID().toString();
        EventData referral = new ReferralVerified(any, person, any, campaign, null);
        EventData earned = new RewardEarned(any, person, campaign, any);
        EventData reached = new CampaignMilestoneReached(campaign, subject.milestone(), subject.participants());
        String noReward = subject.rewarded() ? null : "made up: the campaign has no rewards";
        String noMilestone = subject.reached() ? null : "made up: the ledger has no milestone of the campaign";
        Map<String, Object> reward = new HashMap<>();
        reward.put("reward_name", subject.reward());
        reward.put("reward_description", subject.description());
        reward.put("reward_code", "EXAMPLE-CODE"); // whoever reads a real one could use it
        return List.of(
                mail("user.signed_up", null, person, new UserSignedUp(person, campaign, any), rehearsal::welcome),
                mail("user.verified", null, person, new UserVerified(person, campaign, any), rehearsal::verified),
                mail("referral.verified", null, person, referral, rehearsal::positionUpdate),
                mail("reward.earned", noReward, person, earned, its -> rehearsal.rewardExample(its, person, reward)),
                mail("campaign.milestone_reached", noMilestone, person, reached, rehearsal::milestone),
                mail(
                        "reward.delivered",
                        noReward == null ? "its code is made up" : noReward,
                        person,
                        earned,
                        its -> rehearsal.reward(its, person, reward)));
    }

    /** One that is not in the ledger: whatever is reported of its mail later is about nothing. */
    private static Delivery delivery(String person, EventData data) {
        return new Delivery(
                UUID.randomUUID(), "email-workers", person, DomainEvent.now(data), 1, 1, 1, false, false, null);
    }

    private Attempt mail(
            String of,
            @Nullable String note,
            String person,
            EventData data,
            ThrowingFunction<Delivery, MimeMessage> by) {
        Delivery delivery = delivery(person, data);
        return new Attempt(of, note, () -> {
            MimeMessage mail = by.applyWithException(delivery);
            suppressions.requireNone(mail, delivery);
            Exchange done = template.send("direct:transmit-mail", exchange -> {
                exchange.setProperty(DeliveryLedger.DELIVERY, delivery);
                exchange.getMessage().setBody(mail);
            });
            return done.getException() == null ? Outcome.delivered() : Outcome.ofAttempt(done.getException());
        });
    }

    private List<Attempt> pings(UUID campaign, List<String> leftOut) {
        Webhooks here = webhooks.getIfAvailable();
        if (here == null) {
            leftOut.add("receivers: this instance does not have the role reward");
            return List.of();
        }
        List<Reward.Webhook> all = sql.of("rehearsal/receivers", "campaign", campaign, "limit", RECEIVERS + 1)
                .query(Reward.Webhook.class)
                .list();
        if (all.size() > RECEIVERS) {
            leftOut.add("receivers: those after the first %d, in order of id".formatted(RECEIVERS));
        }
        EventData nothing = new RewardEarned("", "", campaign.toString(), "");
        return all.stream()
                .limit(RECEIVERS)
                .map(its -> new Attempt(
                        WebhookOperations.withoutSecrets(its.url()),
                        null,
                        () -> here.ping(its, delivery("", nothing), template)))
                .toList();
    }

    /** Begins, unless another one is under way. The audit comes first: nothing leaves without an author. */
    private synchronized List<CompletableFuture<Verdict>> begin(
            String who, Map<String, String> arguments, List<Attempt> attempts) {
        if (!underWay.isDone()) {
            throw Arguments.refused("a rehearsal is under way on this instance: try again when it has ended");
        }
        audit.write(who, "rehearsals.rehearse", arguments, "began with %d attempts".formatted(attempts.size()));
        List<CompletableFuture<Verdict>> ends = new ArrayList<>();
        List<CompletableFuture<Verdict>> verdicts = new ArrayList<>();
        for (Attempt attempt : attempts) {
            CompletableFuture<Verdict> end = CompletableFuture.supplyAsync(attempt::run, threads);
            ends.add(end);
            Verdict late = new Verdict(attempt.of(), "failed", "no result within 10 s; it may still arrive", LIMIT);
            verdicts.add(end.copy().completeOnTimeout(late, LIMIT, TimeUnit.MILLISECONDS));
        }
        underWay = CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
        return verdicts;
    }
}
