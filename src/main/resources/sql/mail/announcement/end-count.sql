-- Stores the counts of a fan-out, unless its deliveries were changed meanwhile. All of them were read, so the counts are
-- valid for twenty times as long as that took, or a thousand times once nothing is left to do: however many people there are
-- and however often somebody looks, counting costs a twentieth of a connection.
UPDATE event_routes.fan_out
SET counts        = CAST(:counts AS jsonb),
    counted_at    = now() - make_interval(secs => :seconds),
    counted_until = now() + make_interval(secs => :seconds)
        * CASE WHEN expanded_at IS NULL OR jsonb_exists_any(CAST(:counts AS jsonb), ARRAY ['due', 'held', 'leased'])
               THEN 20 ELSE 1000 END
WHERE delivery_id = :id AND counted_until IS NOT NULL
