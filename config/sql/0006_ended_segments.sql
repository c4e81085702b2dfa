-- Segments that were thrown away: those who were in them have left, and the feed of changes tells so.

CREATE TABLE segments_ended (
    segment_id   uuid PRIMARY KEY,
    namespace_id integer NOT NULL,
    ended_at     timestamptz NOT NULL,
    is_empty     boolean NOT NULL DEFAULT false -- whether everybody is told to have left
);
CREATE INDEX segments_ended_open ON segments_ended (ended_at) WHERE NOT is_empty;

ALTER TABLE segment_changes
    DROP CONSTRAINT segment_changes_cause_check,
    ADD CONSTRAINT segment_changes_cause_check
        CHECK (cause IN ('event', 'time', 'rule', 'segment_deleted'))
        NOT VALID; -- what is there has passed a stricter one
