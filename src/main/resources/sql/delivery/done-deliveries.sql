-- Marks deliveries as done by a person. With :told, writes the events about them.
WITH done AS (
    UPDATE event_routes.delivery
    SET status     = 'delivered',
        reason     = :reason,
        due_at     = NULL,
        waits_for  = NULL,
        updated_at = now()
    WHERE id = ANY (CAST(string_to_array(:ids, ',') AS uuid[]))
    RETURNING id, attempts, status
), told AS (
    INSERT INTO event_routes.outcome_event (type, account_id, campaign_id, data)
    SELECT 'delivery.delivered', s.account_id, s.campaign_id,
           s.data || jsonb_build_object('status', 'delivered', 'reason', 'done by a person')
    FROM done
    JOIN event_routes.outcome_subject s ON s.id = done.id
    WHERE :told
)
INSERT INTO event_routes.delivery_change (delivery_id, attempt, status, what, who)
SELECT id, attempts, status, 'marked as done', :by FROM done
