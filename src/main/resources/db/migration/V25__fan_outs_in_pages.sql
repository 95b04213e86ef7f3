-- A milestone is expanded page by page, each committed: how far that has come. What was expanded before, or is by an instance of an
-- older version meanwhile, was so at once.

ALTER TABLE fan_out ADD COLUMN reached text, ADD COLUMN expanded_at timestamptz DEFAULT now();

COMMENT ON COLUMN fan_out.reached IS 'the last address of the last page; null before the first page and when all are there';
COMMENT ON COLUMN fan_out.expanded_at IS 'when the last page was recorded; null: more people follow';
