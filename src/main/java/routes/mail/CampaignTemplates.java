package routes.mail;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.event.Ids;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.SqlFiles;

/**
 * Templates of single campaigns, if the application stores any: read by {@code mail/campaign-template.sql} in
 * {@code sql.location}. The jar has no such file; without it no campaign has its own templates.
 */
@OnRole({Role.EMAIL, Role.REWARD})
@Component
class CampaignTemplates {

    private final JdbcClient jdbc;
    private final Optional<String> find;

    CampaignTemplates(JdbcClient jdbc, SqlFiles sql) {
        this.jdbc = jdbc;
        this.find = sql.readIfPresent("mail/campaign-template.sql");
    }

    /** The campaign's own templates of a mail, by part. */
    Map<Mail.Part, String> of(String campaignId, Mail mail) {
        if (find.isEmpty() || !Ids.isUuid(campaignId)) {
            return Map.of();
        }
        return jdbc.sql(find.get())
                .param("campaign_id", UUID.fromString(campaignId))
                .param("mail", mail.folder())
                .query((row, n) -> templates(row))
                .optional()
                .orElse(Map.of());
    }

    private static Map<Mail.Part, String> templates(ResultSet row) throws SQLException {
        Map<Mail.Part, String> templates = new EnumMap<>(Mail.Part.class);
        putIfPresent(templates, Mail.Part.SUBJECT, row.getString("subject"));
        putIfPresent(templates, Mail.Part.TEXT, row.getString("text"));
        putIfPresent(templates, Mail.Part.HTML, row.getString("html"));
        return templates;
    }

    private static void putIfPresent(Map<Mail.Part, String> templates, Mail.Part part, @Nullable String template) {
        if (template != null && !template.isBlank()) {
            templates.put(part, template);
        }
    }
}
