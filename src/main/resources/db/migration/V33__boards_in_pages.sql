-- A board is recalculated page by page, each committed: how far that has come. First the people are compared with their standings,
-- along their addresses; then the standings are numbered, along the board. What there is of boards is complete; what an instance of
-- an older version recalculates meanwhile is so at once.

ALTER TABLE leaderboard
    ADD COLUMN go_on_at           timestamptz,
    ADD COLUMN compare_again      boolean NOT NULL DEFAULT false,
    ADD COLUMN compared_to        text,
    ADD COLUMN trusted            boolean NOT NULL DEFAULT true,
    ADD COLUMN numbered_score     bigint,
    ADD COLUMN numbered_created   timestamptz,
    ADD COLUMN numbered_user      uuid;

COMMENT ON COLUMN leaderboard.go_on_at IS 'when the next page is due; null: the board is complete';
COMMENT ON COLUMN leaderboard.compare_again IS 'whether all people are to be compared once more after the last page';
COMMENT ON COLUMN leaderboard.compared_to IS 'the address up to which people are compared; null when all are';
COMMENT ON COLUMN leaderboard.trusted IS 'whether the numbers behind the place numbered last are right as well';
COMMENT ON COLUMN leaderboard.numbered_score IS 'with the next two columns: the place up to which the board is numbered; null: to its end';
COMMENT ON COLUMN leaderboard.recalculated_at IS 'when all people were last compared with their standings';

CREATE INDEX leaderboard_unfinished ON leaderboard (go_on_at) WHERE go_on_at IS NOT NULL;
