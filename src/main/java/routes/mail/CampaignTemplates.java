package routes.mail;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
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

    /**
     * Templates of a campaign.
     *
     * @param parts its own, by part; others come from the files
     * @param locale the language of all parts; null for that of the settings
     */
    record Own(Map<Mail.Part, String> parts, @Nullable String locale) {}

    /** The campaign's own templates of a mail, for a person who wants a language, or none. */
    Own of(String campaignId, Mail mail, @Nullable String locale) {
        if (find.isEmpty() || !Ids.isUuid(campaignId)) {
            return new Own(Map.of(), locale);
        }
        return jdbc.sql(find.get())
                .param("campaign_id", UUID.fromString(campaignId))
                .param("mail", mail.folder())
                .param("locale", locale, Types.VARCHAR)
                .query((row, n) -> new Own(parts(row), People.locale(row)))
                .optional()
                .filter(own -> !own.parts().isEmpty())
                .orElse(new Own(Map.of(), locale));
    }

    private static Map<Mail.Part, String> parts(ResultSet row) throws SQLException {
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
