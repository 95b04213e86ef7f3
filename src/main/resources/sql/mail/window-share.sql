-- Gives the members of a mail, or one member, the outcome of the mail.
UPDATE event_routes.delivery d
SET status = shared.status, reason = shared.reason, updated_at = now()
FROM (SELECT w.delivery_id,
             CASE m.status WHEN 'failed' THEN 'failed' ELSE 'skipped' END AS status,
             'in the mail of ' || m.idempotency_key
                 || CASE m.status WHEN 'delivered' THEN '' ELSE ', which is ' || m.status || ': ' || coalesce(m.reason, '') END AS reason
      FROM event_routes.position_window w
      JOIN event_routes.delivery m ON m.id = w.leader AND m.status IN ('delivered', 'failed', 'skipped')
      WHERE (w.leader = :delivery OR w.delivery_id = :delivery) AND w.delivery_id <> w.leader) shared
WHERE d.id = shared.delivery_id AND d.status IN ('skipped', 'failed')
  AND (d.status, d.reason) IS DISTINCT FROM (shared.status, shared.reason)
