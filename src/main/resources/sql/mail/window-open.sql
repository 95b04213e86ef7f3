-- A person's open window, whose leader is not sent yet. It locks the leader, so that nobody cancels it meanwhile.
SELECT w.leader, d.idempotency_key AS leader_key, d.status IN ('failed', 'skipped') AS gone,
       extract(epoch FROM w.closes_at - now()) AS seconds
FROM event_routes.position_window w
JOIN event_routes.delivery d ON d.id = w.leader
WHERE w.campaign_id = :campaign_id AND w.referrer_id = :referrer_id AND w.closes_at IS NOT NULL
  AND d.status IN ('due', 'leased')
ORDER BY w.closes_at
LIMIT 1
FOR SHARE OF d
