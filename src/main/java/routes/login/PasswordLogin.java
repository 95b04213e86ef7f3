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
import org.springframework.security.core.AuthenticationException;
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
 * Users with their passwords. A password is checked before guesses are counted, so that nobody can lock out a user who shares
 * their address, as everybody behind one proxy does. Wrong ones are limited per address. bcrypt, which deliberately takes a
 * tenth of a second, runs for one caller at a time, and an address over its limit does not join a long queue for it. A
 * correct password is remembered by its digest, and then passes from its address without bcrypt.
 */
final class PasswordLogin implements AuthenticationProvider {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordLogin.class);
    private static final String BCRYPT = "{bcrypt}";

    /** Guesses per second and address. */
    private static final int GUESSES = 5;

    private static final int GUESSES_BEYOND = 100;

    /** How many recent addresses are remembered. */
    private static final int SOURCES = 1000;

    private static final int PATIENCE_SECONDS = 5;

    /** An address over its limit joins the queue for bcrypt only if it is shorter than this: others have to wait, too. */
    private static final int SHORT_QUEUE = 4;

    private final Map<String, User> users;
    private final String unknown;
    private final String salt =
            HexFormat.of().formatHex(KeyGenerators.secureRandom(16).generateKey());
    private final PasswordEncoder encoder = new BCryptPasswordEncoder();
    private final Semaphore turn = new Semaphore(1, true);
    /** A plain password takes no time to check, so guesses over an address's limit share one limit. */
    private final Bucket beyond = RateLimit.perSecond(GUESSES_BEYOND, GUESSES_BEYOND);

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
        private final Bucket guesses = RateLimit.perSecond(GUESSES, 2 * GUESSES);
        private final Map<String, User> known = new ConcurrentHashMap<>();
    }

    /** Too many guesses: this one was wrong, too, or was not checked (HTTP 429). */
    static final class TooManyGuessesException extends AuthenticationServiceException {
        TooManyGuessesException() {
            super("Too many wrong passwords from this address: wait a second.");
        }
    }

    @Override
    public Authentication authenticate(Authentication given) {
        String address =
                given.getDetails() instanceof WebAuthenticationDetails details ? details.getRemoteAddress() : "";
        Source source = source(address);
        String name = given.getName();
        String password = String.valueOf(given.getCredentials());
        String digest = Sha256.hex(salt + name + ":" + password);
        User user = source.known.get(digest);
        if (user == null) {
            boolean isWithinLimit = source.guesses.tryConsume(1);
            user = find(name, password, isWithinLimit);
            if (user == null) {
                throw isWithinLimit ? wrong(address) : new TooManyGuessesException();
            }
            source.known.put(digest, user);
        }
        return UsernamePasswordAuthenticationToken.authenticated(
                user.name(),
                null,
                AuthorityUtils.createAuthorityList("ROLE_" + user.role().role()));
    }

    private static AuthenticationException wrong(String address) {
        LOG.warn("A login to the management port from {} was refused", address);
        return new BadCredentialsException("Wrong user or password");
    }

    /** An unknown user takes as long as a known one. */
    private @Nullable User find(String name, String password, boolean isWithinLimit) {
        User user = users.get(name);
        return matches(password, user == null ? unknown : user.password(), isWithinLimit) ? user : null;
    }

    private boolean matches(String password, String expected, boolean isWithinLimit) {
        if (!expected.startsWith(BCRYPT)) {
            if (!isWithinLimit && !beyond.tryConsume(1)) {
                throw new TooManyGuessesException();
            }
            return MessageDigest.isEqual(Utf8.encode(password), Utf8.encode(expected));
        }
        if (!isWithinLimit && turn.getQueueLength() >= SHORT_QUEUE) {
            throw new TooManyGuessesException();
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

    /** Whoever has an IPv6 address has its whole network. */
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
