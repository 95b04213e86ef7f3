package routes.position;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import routes.position.PersonChanges.Row;

class PersonChangesTest {

    private final UUID first = UUID.randomUUID();
    private final UUID second = UUID.randomUUID();
    private final UUID ada = UUID.randomUUID();
    private final UUID alan = UUID.randomUUID();

    @Test
    void eachCampaignIsRecalculatedOnceInTheOrderOfItsFirstRow() {
        List<CampaignChanges> changes = PersonChanges.coalesce(List.of(
                new Row(3, second, ada, true),
                new Row(5, first, alan, true),
                new Row(8, second, alan, true),
                new Row(9, second, ada, true)));

        assertThat(changes)
                .containsExactly(
                        new CampaignChanges(CampaignEvents.again(second, Set.of(ada, alan)), List.of(3L, 8L, 9L)),
                        new CampaignChanges(CampaignEvents.again(first, Set.of(alan)), List.of(5L)));
    }

    @Test
    void rowsThatNameNobodyOfTheirCampaignAreLeftOut() {
        assertThat(PersonChanges.coalesce(List.of(new Row(1, first, ada, false), new Row(2, first, alan, true))))
                .containsExactly(new CampaignChanges(CampaignEvents.again(first, Set.of(alan)), List.of(2L)));
    }
}
