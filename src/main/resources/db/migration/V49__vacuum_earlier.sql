-- What failed is taken again after what was not tried yet.
CREATE INDEX person_change_next ON person_change (taken_at NULLS FIRST, id);

-- PostgreSQL's default is a fifth of the table: of a large ledger that is millions of dead rows, and a vacuum of all indexes at once.
ALTER TABLE delivery SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE delivery_attempt SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
