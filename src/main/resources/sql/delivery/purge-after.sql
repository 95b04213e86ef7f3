-- For how many seconds what is done is kept: as long as this instance keeps it, or another one does.
SELECT CAST(extract(epoch FROM greatest(make_interval(secs => :own), max(purge_after))) AS bigint) FROM event_routes.instance
