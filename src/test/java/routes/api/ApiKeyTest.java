package routes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.validation.Validation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.validation.ValidationBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.validation.beanvalidation.SpringValidatorAdapter;
import org.springframework.web.ErrorResponseException;

@ExtendWith(OutputCaptureExtension.class)
class ApiKeyTest {

    /** The SHA-256 of "hashed-key". */
    private static final String HASH = "a4ae87b73fa5645e6aee415a6f72be4dcbd99d057a7b40cb1b867c181d179260";

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final ApiKey keys = keys(1000, "old-key", "new-key", "{sha256}" + HASH);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer old-key",
                "Bearer new-key",
                "Bearer hashed-key",
                "Bearer  new-key ",
                "bearer old-key",
                "BEARER new-key"
            })
    void everyKeyIsGoodWhileOneTakesThePlaceOfAnother(String authorization) {
        assertThatCode(() -> keys.require(authorization)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "Bearer ",
                "Bearer old-ke",
                "Bearer old-key,new-key",
                "Basic old-key",
                "old-key",
                "Bearer {sha256}e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            })
    void anythingElseIsNot(String authorization) {
        assertStatus(401, () -> keys.require(authorization));
    }

    @Test
    void aHashIsNoKey() {
        assertStatus(401, () -> keys.require("Bearer {sha256}" + HASH));
        assertStatus(401, () -> keys.require("Bearer " + HASH));
    }

    @Test
    void withoutAKeyTheEntranceIsClosed() {
        assertStatus(403, () -> keys(1000).require("Bearer "));
    }

    @Test
    void aKeyThatSendsTooMuchIsToldToWaitAndTheOthersAreNot() {
        ApiKey slow = keys(2, "one-key", "another-key");
        slow.requireAtRate("Bearer one-key");
        slow.requireAtRate("Bearer one-key");

        assertThatThrownBy(() -> slow.requireAtRate("Bearer one-key"))
                .isInstanceOfSatisfying(ErrorResponseException.class, e -> {
                    assertThat(e.getStatusCode().value()).isEqualTo(429);
                    assertThat(e.getHeaders().getFirst("Retry-After")).isEqualTo("1");
                });
        slow.requireAtRate("Bearer another-key");
        slow.require("Bearer one-key");
    }

    @Test
    void wrongKeysAreSlowedDownAndTheRightOneIsNotHeldUp() {
        for (int guess = 0; guess < 20; guess++) {
            assertStatus(401, () -> keys.require("Bearer guess"));
        }

        assertThatThrownBy(() -> keys.require("Bearer guess"))
                .isInstanceOfSatisfying(ErrorResponseException.class, e -> {
                    assertThat(e.getStatusCode().value()).isEqualTo(429);
                    assertThat(e.getHeaders().getFirst("Retry-After")).isEqualTo("1");
                });
        keys.require("Bearer old-key");
        assertStatus(401, () -> keys.require(null));
    }

    @Test
    void wrongKeysAreCountedAndOnceInAWhileLogged(CapturedOutput output) {
        for (int guess = 0; guess < 30; guess++) {
            assertThatThrownBy(() -> keys.require("Bearer guess")).isInstanceOf(ErrorResponseException.class);
        }
        assertStatus(401, () -> keys.require(null));

        assertThat(metrics.counter("domain.events.api.keys.refused").count()).isEqualTo(30);
        assertThat(output.getAll().lines())
                .filteredOn(line -> line.contains("wrong API key"))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("WARN").doesNotContain("guess"));
    }

    @ParameterizedTest
    @CsvSource({
        "old-key, true",
        "'old-key,sixteen-letters-', true",
        "sixteen-letters-, false",
        "{sha256}" + HASH + ", false"
    })
    void anOldKeyOfFewerThanSixteenCharactersWarns(String configured, boolean warns, CapturedOutput output) {
        int before = output.getAll().length();

        new ApiKey(bind(configured), metrics);

        String said = output.getAll().substring(before);
        assertThat(said.contains("fewer than 16 characters")).isEqualTo(warns);
        assertThat(said).doesNotContain("old-key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"old-key,new-key", "sixteen-letters-,only-15-letters", "{sha256}" + HASH + ",new-key"})
    void aNewKeyBehindAnotherHasSixteenCharactersAtLeast(String configured) {
        assertThatThrownBy(() -> bind(configured))
                .isInstanceOf(BindException.class)
                .hasStackTraceContaining("PUBLISH_API_KEY")
                .hasStackTraceContaining("16 characters");
    }

    private static PublishingSettings bind(String keys) {
        try (var validators = Validation.buildDefaultValidatorFactory()) {
            return new Binder(new MapConfigurationPropertySource(Map.of("publishing.api-key", keys)))
                    .bindOrCreate(
                            "publishing",
                            Bindable.of(PublishingSettings.class),
                            new ValidationBindHandler(new SpringValidatorAdapter(validators.getValidator())));
        }
    }

    private static void assertStatus(int status, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ErrorResponseException.class, e -> assertThat(
                        e.getStatusCode().value())
                .isEqualTo(status));
    }

    private ApiKey keys(int rate, String... keys) {
        return new ApiKey(new PublishingSettings(List.of(keys), rate, 4_194_304), metrics);
    }
}
