package routes.dev;

import org.springframework.core.env.PropertyResolver;

/** What a developer reads when everything runs: where to look, and what to try. */
record Welcome(Platform platform, PropertyResolver settings) {

    @Override
    public String toString() {
        String api = "http://localhost:" + port("SERVER_PORT");
        String inbox = platform.inboxUrl();
        return """

                Everything runs.
                  Inbox       %s
                  Previews    %s/previews
                  Webhooks    %s/webhooks
                  API         %s
                  Overview    http://localhost:%s (user operator, password %s)
                  Health      http://localhost:%s/observe/health
                  Database    %s (user and password %s)
                  Data        %s (to start from scratch: -Dplatform.reset=true)

                Try:
                  %s
                  Grace signs up and is welcomed: the mail is in the inbox, %s

                  %s
                  Ada moves up for whom she referred: the inbox tells her new position, and so does the table waitlist_users.

                  %s
                  Ada has earned a T-shirt: its signed webhook is on %s/webhooks, and the inbox has the notice.

                  %s
                  bounce@demo.example has no mailbox: a bounce comes back by mail. So does a complaint of complain@demo.example.

                Ctrl-C ends everything.
                """.formatted(
                        inbox,
                        inbox,
                        inbox,
                        api,
                        port("MANAGEMENT_PORT"),
                        settings.getRequiredProperty("MANAGEMENT_PASSWORD"),
                        port("MANAGEMENT_PORT"),
                        platform.database().url(),
                        DatabaseServer.NAME,
                        platform.data(),
                        curl("user-signed-up", api),
                        inbox,
                        curl("referral-verified", api),
                        curl("reward-earned", api),
                        inbox,
                        curl("user-signed-up-bounces", api));
    }

    private static String curl(String example, String api) {
        return "curl -H 'Authorization: Bearer dev-key' -H 'Content-Type: application/json'"
                + " --data @examples/events/" + example + ".json " + api + "/events";
    }

    private String port(String name) {
        return settings.getRequiredProperty(name);
    }
}
