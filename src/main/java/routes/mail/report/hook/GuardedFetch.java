package routes.mail.report.hook;

import java.io.IOException;
import java.net.URI;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import routes.delivery.DeliveryException;

/** Fetches with the client of the webhooks: only from public addresses, without redirects, bounded in size and time. */
record GuardedFetch(HttpClient http) implements SnsMessages.Fetch {

    private static final int MAX_BYTES = 64 * 1024;

    @Override
    public byte[] get(URI uri) throws IOException {
        try {
            return http.execute(new HttpGet(uri), response -> {
                if (response.getCode() != 200) {
                    throw new IOException("%s answered %d".formatted(uri.getHost(), response.getCode()));
                }
                return EntityUtils.toByteArray(response.getEntity(), MAX_BYTES);
            });
        } catch (DeliveryException e) {
            throw new IOException(e.getMessage(), e); // the address is not public
        }
    }
}
