-- One person from many identifiers: who stands for whom, and who might.

-- A value that too many customers use leads to its owner, but unites nobody any more.
ALTER TABLE identifiers ADD COLUMN shared boolean NOT NULL DEFAULT false;

-- While a profile is part of another one, its identifiers and its old id lead there. One step
-- always: when the other is absorbed in its turn, every row that led to it is changed.
CREATE TABLE redirects (
    profile_id   uuid PRIMARY KEY,
    namespace_id integer NOT NULL,
    head         uuid NOT NULL
);
CREATE INDEX redirects_head ON redirects (head);

CREATE TABLE merges (
    merge_id     uuid PRIMARY KEY,
    namespace_id integer NOT NULL,
    survivor     uuid NOT NULL,
    absorbed     uuid NOT NULL,
    rule         text NOT NULL,
    merged_at    timestamptz NOT NULL,
    reversed_at  timestamptz
);
CREATE INDEX merges_survivor ON merges (survivor);
CREATE INDEX merges_absorbed ON merges (absorbed);

CREATE TABLE candidates (
    candidate_id uuid PRIMARY KEY,
    namespace_id integer NOT NULL,
    one          uuid NOT NULL,
    other        uuid NOT NULL,
    score        double precision NOT NULL,
    rule         text NOT NULL,
    evidence     text[] NOT NULL,
    opened_at    timestamptz NOT NULL,
    outcome      text, -- open while there is none
    closed_at    timestamptz
);
CREATE INDEX candidates_open ON candidates (namespace_id, score DESC, candidate_id)
    WHERE outcome IS NULL;
CREATE INDEX candidates_one ON candidates (one);
CREATE INDEX candidates_other ON candidates (other);
