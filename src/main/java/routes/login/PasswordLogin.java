package routes.login;

import io.github.bucket4j.Bucket;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.codec.Utf8;
import org.springframework.security.crypto.keygen.KeyGenerators;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import routes.background.RateLimit;
import routes.event.Sha256;
import routes.login.LoginSettings.User;

/**
 * Users with their passwords. Guesses are limited by the address that they come from, so that nobody can lock out somebody
 * elsewhere. What was right once is remembered by its digest and passes from that address before the limit, and without bcrypt,
 * which takes a tenth of a second on purpose and is done for one caller at a time.
 */
final class PasswordLogin implements AuthenticationProvider {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordLogin.class);
    private static final String BCRYPT = "{bcrypt}";

    /** Guesses a second from an address. */
    private static final int GUESSES = 5;

    /** Requests a second from an address, right or wrong: more than any person has, and few enough to guess with. */
    private static final int REQUESTS = 200;

    /** Addresses that are remembered, those of late. */
    private static final int SOURCES = 1000;

    private static final int PATIENCE_SECONDS = 5;

    private final Map<String, User> users;
    private final String unknown;
    private final String salt =
            HexFormat.of().formatHex(KeyGenerators.secureRandom(16).generateKey());
    private final PasswordEncoder encoder = new BCryptPasswordEncoder();
    private final Semaphore turn = new Semaphore(1, true);
    private final Map<String, Source> sources = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Source> eldest) {
            return size() > SOURCES;
        }
    };

    PasswordLogin(List<User> users) {
        this.users = users.stream().collect(Collectors.toMap(User::name, user -> user));
        this.unknown = users.get(0).password();
    }

    /** Where requests come from. */
    private static final class Source {
        private final Bucket requests = RateLimit.perSecond(REQUESTS, 2 * REQUESTS);
        private final Bucket guesses = RateLimit.perSecond(GUESSES, 2 * GUESSES);
        private final Map<String, User> known = new ConcurrentHashMap<>();
    }

    /** Too much was asked: nothing was looked at (HTTP 429). */
    static final class TooManyGuessesException extends AuthenticationServiceException {
        TooManyGuessesException() {
            super("Too many logins from this address: wait a second.");
        }
    }

    @Override
    public Authentication authenticate(Authentication given) {
        String address =
                given.getDetails() instanceof WebAuthenticationDetails details ? details.getRemoteAddress() : "";
        Source source = source(address);
        if (!source.requests.tryConsume(1)) {
            throw new TooManyGuessesException();
        }
        String name = given.getName();
        String password = String.valueOf(given.getCredentials());
        String digest = Sha256.hex(salt + name + ":" + password);
        User known = source.known.get(digest);
        if (known == null) {
            if (!source.guesses.tryConsume(1)) {
                throw new TooManyGuessesException();
            }
            known = find(name, password);
            if (known == null) {
                LOG.warn("A login to the management port from {} was refused", address);
                throw new BadCredentialsException("Wrong user or password");
            }
            source.known.put(digest, known);
        }
        return UsernamePasswordAuthenticationToken.authenticated(
                known.name(),
                null,
                AuthorityUtils.createAuthorityList("ROLE_" + known.role().role()));
    }

    /** A user that is not there takes as long as one that is. */
    private @Nullable User find(String name, String password) {
        User user = users.get(name);
        return matches(password, user == null ? unknown : user.password()) ? user : null;
    }

    private boolean matches(String password, String expected) {
        if (!expected.startsWith(BCRYPT)) {
            return MessageDigest.isEqual(Utf8.encode(password), Utf8.encode(expected));
        }
        try {
            if (!turn.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new TooManyGuessesException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TooManyGuessesException();
        }
        try {
            return encoder.matches(password, expected.substring(BCRYPT.length()));
        } finally {
            turn.release();
        }
    }

    /** Whoever has an address of IPv6 has all of its network. */
    private Source source(String address) {
        String network = address.contains(":")
                ? Arrays.stream(address.split(":")).limit(4).collect(Collectors.joining(":"))
                : address;
        synchronized (sources) {
            return sources.computeIfAbsent(network, some -> new Source());
        }
    }

    @Override
    public boolean supports(Class<?> authentication) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
    }
}
