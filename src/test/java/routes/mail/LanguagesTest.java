package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguagesTest {

    @ParameterizedTest
    @CsvSource({
        "de, de",
        "de-CH, de",
        "de-AT, de-AT",
        "de_at, de-AT",
        "de-AT-1996, de-AT",
        "zh-Hant-TW, zh-Hant",
        "DE, de",
        "'fr, de;q=0.5', de"
    })
    void theTagThatFitsBestIsFound(String wanted, String found) {
        assertThat(Languages.lookUp(List.of("de", "de-AT", "zh-Hant"), wanted)).contains(found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "fr", "d", "zh", "*", "German", "it, please", "\u0000"})
    void whatFitsNothingFindsNothing(String wanted) {
        assertThat(Languages.lookUp(List.of("de", "zh-Hant"), wanted)).isEqualTo(Optional.empty());
    }

    @Test
    void whatIsWantedMostComesFirst() {
        assertThat(Languages.lookUp(List.of("de", "fr"), null, "it", "fr-CH", "de"))
                .contains("fr");
    }

    @ParameterizedTest
    @ValueSource(strings = {"de", "de-AT", "zh-Hant", "gsw", "es-419", "de-x-formal"})
    void aTagIsWrittenAsTagsAre(String tag) {
        assertThat(Languages.isTag(tag)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "de_AT", "de-at", "DE", "xx", "german", "backup", "und", "..", "de-", "user.signed_up"})
    void othersAreNoTags(String tag) {
        assertThat(Languages.isTag(tag)).isFalse();
    }
}
