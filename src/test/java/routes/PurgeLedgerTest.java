package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.test.spring.junit5.UseAdviceWith;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import routes.deadletter.DeadLetterTable;
import routes.delivery.DeliveryLedger;
import routes.delivery.LedgerUpkeep;
import routes.mail.smtp.Suppressions;
import routes.position.CampaignPoints;
import routes.replay.ReplaySubjects;
import routes.reward.RewardHolds;

@RouteTest
@UseAdviceWith
@Import(PurgeLedger.class)
@MockitoBean(types = DeliveryLedger.class)
@TestPropertySource(properties = "deliveries.purge-interval=1h")
class PurgeLedgerTest {

    @Autowired
    private CamelContext camel;

    @Autowired
    private ProducerTemplate producer;

    @MockitoBean
    private LedgerUpkeep ledger;

    @MockitoBean
    private ReplaySubjects subjects;

    @MockitoBean
    private Suppressions suppressions;

    @MockitoBean
    private DeadLetterTable letters;

    @MockitoBean
    private CampaignPoints points;

    @MockitoBean
    private RewardHolds holds;

    @BeforeEach
    void start() throws Exception {
        if (!camel.isStarted()) { // once for all tests
            AdviceWith.adviceWith(camel, "purge-ledger", route -> route.replaceFromWith("direct:purge"));
            camel.start();
        }
        given(ledger.knowsTheTime()).willReturn(true);
    }

    @Test
    void deletesNothingWhileItDoesNotKnowTheTime() {
        given(ledger.knowsTheTime()).willReturn(false);

        assertThat(runsAgain()).isFalse();
        verify(ledger, never()).purge();
        verifyNoInteractions(suppressions, letters);
    }

    @ParameterizedTest
    @CsvSource({"false, false, false", "true, false, true", "false, true, true", "true, true, true"})
    void runsAgainAtOnceWhileThereIsMore(boolean deliveries, boolean seen, boolean again) {
        given(ledger.purge()).willReturn(deliveries);
        given(subjects.forget()).willReturn(seen);

        assertThat(runsAgain()).isEqualTo(again);
    }

    @Test
    void waitsForItsNextTimeWhenAStepHasFailed() {
        given(ledger.purge()).willReturn(true);
        willThrow(new IllegalStateException("not now")).given(subjects).forget();

        assertThat(runsAgain()).isFalse();
        verify(ledger).purge();
    }

    /** Their files name tables of the application, which may have other names there. */
    @Test
    void whatFailsForTheApplicationsTablesKeepsNothingElse() {
        given(ledger.purge()).willReturn(true);
        willThrow(new IllegalStateException("relation \"campaigns\" does not exist"))
                .given(points)
                .purge();

        assertThat(runsAgain()).isTrue();
        verify(ledger).purge();
        verify(subjects).forget();
        verify(holds).purge();
    }

    private boolean runsAgain() {
        return producer.send("direct:purge", exchange -> {})
                .getProperty(Exchange.SCHEDULER_POLLED_MESSAGES, Boolean.class);
    }
}
