package routes.login;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * A browser sends its login with any request that another site makes it send. So cross-site requests are refused, even for
 * reading: by {@code Sec-Fetch-Site} (W3C Fetch Metadata), which every current browser sends and no script can set, or by
 * {@code Origin} if that is missing. Only a link to a page may be followed. There are no CSRF tokens, so scripts need none.
 */
final class OwnSite extends OncePerRequestFilter {

    private static final Set<String> OWN = Set.of("same-origin", "none");

    private final RequestMatcher open;
    private final RequestMatcher endpoints;
    private final AccessDeniedHandler refusal;

    /**
     * A filter.
     *
     * @param open what anyone may request, from anywhere
     * @param endpoints what is not a page: some act on a GET
     */
    OwnSite(RequestMatcher open, RequestMatcher endpoints, AccessDeniedHandler refusal) {
        this.open = open;
        this.endpoints = endpoints;
        this.refusal = refusal;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!open.matches(request) && isFromAnotherSite(request) && !isLink(request)) {
            refusal.handle(request, response, new AccessDeniedException("Requests from other sites are refused."));
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean isFromAnotherSite(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return !OWN.contains(site);
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        return origin != null && !isOwn(origin, request.getHeader(HttpHeaders.HOST));
    }

    private static boolean isOwn(String origin, @Nullable String host) {
        try {
            String authority = URI.create(origin).getAuthority();
            return authority != null && authority.equalsIgnoreCase(host);
        } catch (IllegalArgumentException noUri) {
            return false;
        }
    }

    private boolean isLink(HttpServletRequest request) {
        return request.getMethod().equals("GET")
                && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && "document".equals(request.getHeader("Sec-Fetch-Dest"))
                && !endpoints.matches(request);
    }
}
