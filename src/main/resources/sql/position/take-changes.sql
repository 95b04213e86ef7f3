-- contract 1
-- Takes what the application said of people for half a minute: what is still there then was not carried out, and is taken again, after
-- all that was not tried yet: one campaign whose rows wait for a lock keeps no other waiting. Oldest first; a row that is committed late
-- has a lower id than others, and is still found. Also says whether the person can be on the campaign's board: who has been deleted is
-- known from there. Each is looked up separately: the planner cannot know how few they are.
WITH next AS (
    SELECT id
    FROM event_routes.person_change
    WHERE taken_at IS NULL OR taken_at NOT BETWEEN now() - interval '30 seconds' AND now() + interval '30 seconds'
    ORDER BY taken_at NULLS FIRST, id
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE event_routes.person_change p
    SET taken_at = now()
    FROM next
    WHERE p.id = next.id
    RETURNING p.id, p.campaign_id, p.user_id
)
SELECT t.id, t.campaign_id, t.user_id, c.id IS NOT NULL AND (u.id IS NOT NULL OR s.user_id IS NOT NULL) AS known
FROM taken t
LEFT JOIN LATERAL (SELECT c.id FROM campaigns c WHERE c.id = t.campaign_id OFFSET 0) c ON true
LEFT JOIN LATERAL (
    SELECT u.id, u.campaign_id FROM waitlist_users u WHERE u.id = t.user_id OFFSET 0
) u ON u.campaign_id = t.campaign_id
LEFT JOIN LATERAL (
    SELECT s.user_id, s.campaign_id FROM event_routes.standing s WHERE s.user_id = t.user_id OFFSET 0
) s ON s.campaign_id = t.campaign_id
ORDER BY t.id
