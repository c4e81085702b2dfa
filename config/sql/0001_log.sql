-- Shops, the log of events, and what a host commits together with it.

CREATE TABLE shops (
    shop_id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    domain         text UNIQUE NOT NULL,
    plan           text NOT NULL CHECK (plan IN ('free', 'starter', 'pro', 'agency', 'enterprise')),
    timezone       text NOT NULL DEFAULT 'UTC',
    currency       text NOT NULL DEFAULT 'USD',
    created_at     timestamptz NOT NULL DEFAULT now(),
    uninstalled_at timestamptz
);

-- A shop has up to two worlds that never meet: live and sandbox.
CREATE TABLE namespaces (
    namespace_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id         integer NOT NULL REFERENCES shops,
    environment     text NOT NULL CHECK (environment IN ('live', 'sandbox')),
    pixel_key       text UNIQUE NOT NULL,
    webhook_secrets bytea, -- a sealed list: while a secret is rotated, two are valid
    UNIQUE (shop_id, environment)
);

-- Only the hash is kept: whoever reads this table cannot call us with it.
CREATE TABLE api_keys (
    key_hash     bytea PRIMARY KEY,
    namespace_id integer NOT NULL REFERENCES namespaces,
    prefix       text NOT NULL, -- the first characters, so that people can tell keys apart
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz
);

-- The log. It has no foreign keys, because each would cost a lookup and a row lock per event.
-- Its two keys are the fence: whoever writes a version or a position second is refused.
-- Callers recognise a conflict by the constraint's name, so the names are part of the interface.
CREATE TABLE events (
    shard        smallint NOT NULL,
    position     bigint NOT NULL,
    namespace_id integer NOT NULL,
    profile_id   uuid NOT NULL,
    version      bigint NOT NULL,
    topic        text NOT NULL,
    state        bytea NOT NULL,
    chain        bytea NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (profile_id, version)
) WITH (
    -- Nothing is updated here, so vacuum has only two jobs: mark pages all-visible for index-only
    -- scans, and freeze rows. Freezing at first sight spares the great anti-wraparound scan later.
    autovacuum_vacuum_insert_threshold = 10000,
    autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_freeze_min_age = 0,
    autovacuum_analyze_scale_factor = 0.05
);
CREATE UNIQUE INDEX events_shard_position ON events (shard, position);

-- Most states are far below the 2 kB where compression starts; for the others lz4 costs a
-- fraction of pglz. Not every build of PostgreSQL has it.
DO $$
BEGIN
    IF (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') THEN
        ALTER TABLE events ALTER COLUMN state SET COMPRESSION lz4;
    END IF;
END
$$;

-- Who an identifier belongs to. The digest is keyed per namespace: no address can be guessed from it.
CREATE TABLE identifiers (
    namespace_id integer NOT NULL,
    digest       bytea NOT NULL,
    profile_id   uuid NOT NULL,
    CONSTRAINT identifiers_pkey PRIMARY KEY (namespace_id, digest)
);
CREATE INDEX identifiers_profile_id ON identifiers (profile_id);

-- Commands already answered, so that a repeat gets the same answer and changes nothing.
CREATE TABLE commands (
    key         bytea NOT NULL, -- keyed digest of the namespace and the sender's command id
    outcome     bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT commands_pkey PRIMARY KEY (key)
);

-- Emptying `wrapped` makes the subject's personal data unreadable wherever it is stored; the row
-- stays, as the profile does.
CREATE TABLE subject_keys (
    profile_id   uuid PRIMARY KEY,
    namespace_id integer NOT NULL,
    wrapped      bytea NOT NULL
);

-- Shortcuts for loading. They may be lost or thrown away at any time; the log remembers.
CREATE TABLE snapshots (
    profile_id uuid PRIMARY KEY,
    version    bigint NOT NULL,
    schema     integer NOT NULL,
    state      bytea NOT NULL
);

-- Signed deliveries we could not process, whole, until somebody has fixed us.
CREATE TABLE dead_letters (
    letter_id       uuid PRIMARY KEY,
    namespace_id    integer NOT NULL REFERENCES namespaces,
    received_at     timestamptz NOT NULL DEFAULT now(),
    source          text NOT NULL,
    topic           text NOT NULL,
    reason          text NOT NULL,
    detail          text,
    sealed          bytea NOT NULL,
    awaits          bytea, -- digest of what must arrive first, such as the order of a refund
    attempts        integer NOT NULL DEFAULT 0,
    last_attempt_at timestamptz,
    status          text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'retried', 'discarded'))
);
CREATE INDEX dead_letters_awaits ON dead_letters (awaits)
    WHERE status = 'open' AND awaits IS NOT NULL;
CREATE INDEX dead_letters_status_received_at ON dead_letters (status, received_at);
