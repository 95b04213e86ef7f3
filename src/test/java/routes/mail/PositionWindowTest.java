package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.Delivery;
import routes.delivery.DeliveryStatus;
import routes.delivery.Ended;
import routes.delivery.Outcome;
import routes.event.EventType;
import routes.event.Events;
import routes.settings.Statements;

/** What ends together may be of other types: another listener of the group, such as that of a YAML file, hears of all. */
class PositionWindowTest {

    private final Statements sql = mock(Statements.class);
    private final PositionWindow window =
            new PositionWindow(mock(TransactionTemplate.class), mock(MailSettings.class), sql);

    @Test
    void whatIsInNoWindowIsLeftAlone() {
        Delivery welcome = new Delivery(
                UUID.randomUUID(),
                "email-workers",
                "",
                Events.any(EventType.USER_SIGNED_UP),
                1,
                1,
                1,
                false,
                false,
                null);
        List<Ended> ended =
                List.of(new Ended(welcome, new Outcome(DeliveryStatus.SKIPPED, "has left", null, null), null));

        assertThat(window.lock(ended)).isEqualTo(ended);
        verifyNoInteractions(sql);
    }
}
