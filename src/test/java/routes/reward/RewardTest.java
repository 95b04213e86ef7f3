package routes.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.delivery.DeliveryException;
import routes.event.EventJson;

class RewardTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'code': 'WELCOME10'} | WELCOME10",
                "{'code': 12345678901234567890} | 12345678901234567890",
                "{'code': 123456789012345678.10} | 123456789012345678.10",
                "{'voucher': {'code': 7}, 'size': 'M'} | 7",
                "{'code': 'OUTER', 'voucher': {'code': 'INNER'}} | OUTER",
                "{'vouchers': [{'code': 'A'}]} | A"
            })
    void aMailSaysTheCodeAsItIsStored(String data, String code) throws Exception {
        assertThat(reward(data.replace('\'', '"')).mailVariables()).containsEntry("reward_code", code);
    }

    @Test
    void aMailSaysNoCodeWhereThereIsNone() throws Exception {
        assertThat(reward("{\"size\":\"M\"}").mailVariables()).doesNotContainKey("reward_code");
        assertThat(reward("{\"code\":null}").mailVariables()).doesNotContainKey("reward_code");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"code\":{\"value\":1}}", "{\"code\":[\"A\"]}", "[{\"code\":1},{\"code\":2}]"})
    void aCodeThatAMailCannotSayIsNoMailWithoutACode(String data) throws Exception {
        Reward reward = reward(data);

        assertThatThrownBy(reward::mailVariables)
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessageStartingWith("reward_data has ");
    }

    private static Reward reward(String data) throws Exception {
        return new Reward(
                "1",
                "2",
                "a@example.com",
                "3",
                "A reward",
                null,
                "gift",
                EventJson.mapper().readTree(data),
                "email",
                null);
    }
}
