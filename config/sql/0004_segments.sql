-- Segments: rules about customers under a name that a shop gave them.

CREATE TABLE segments (
    segment_id   uuid PRIMARY KEY,
    namespace_id integer NOT NULL,
    name         text NOT NULL,
    rule         jsonb NOT NULL,
    revision     integer NOT NULL DEFAULT 1, -- of the rule and of those that it depends on
    created_at   timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    CONSTRAINT segments_name UNIQUE (namespace_id, name)
);

-- Who entered and who left. This is not a read model: time and changed rules have a part in it, so
-- it could not be made anew from the log.
CREATE TABLE segment_changes (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    segment_id uuid NOT NULL, -- no foreign key: it would cost a look-up for each row of thousands
    profile_id uuid NOT NULL,
    entered    boolean NOT NULL,
    at         timestamptz NOT NULL,
    cause      text NOT NULL CHECK (cause IN ('event', 'time', 'rule')),
    stream     uuid, -- the event that was the cause
    version    bigint,
    written_by xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX segment_changes_at ON segment_changes (segment_id, at, change_id);
CREATE INDEX segment_changes_written ON segment_changes (written_by); -- for those told of them
