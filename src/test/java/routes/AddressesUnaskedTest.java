package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

class AddressesUnaskedTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "[::1]", "fe80::1", "::ffff:10.0.0.1"})
    void whatIsAnAddressIsBound(String address) {
        assertThat(bind(address).isBound()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "nowhere", "routes-0.routes.svc", "10-0-0-7.pods", "127.1", "0"})
    void whatCanBeANameIsNotLookedUp(String name) {
        assertThat(bind(name).isBound()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.256", "127.0.0.1.", "0.0.0.0:9876", "1:2", "::g", "g::1", "a b", "http://localhost"})
    void whatCanBeNeitherIsRefused(String address) {
        assertThatThrownBy(() -> bind(address)).isInstanceOf(BindException.class);
    }

    private static BindResult<InetAddress> bind(String address) {
        MockEnvironment environment = new MockEnvironment().withProperty("management.server.address", address);
        return Binder.get(environment)
                .bind(
                        "management.server.address",
                        Bindable.of(InetAddress.class),
                        new AddressesUnasked(BindHandler.DEFAULT, environment));
    }
}
