-- What shops decided about how they are run, as events: one stream for each of a shop's worlds.

-- `position` counts 1, 2, 3 … over all of them. Writers take turns, so numbers become visible in
-- their order, and a reader who remembers the last one it saw misses nothing. Whoever writes a
-- number or a version second is refused.
CREATE TABLE shop_events (
    position     bigint NOT NULL,
    namespace_id integer NOT NULL,
    version      bigint NOT NULL,
    topic        text NOT NULL,
    state        bytea NOT NULL,
    recorded_at  timestamptz NOT NULL,
    by           text NOT NULL,
    CONSTRAINT shop_events_pkey PRIMARY KEY (namespace_id, version)
);
CREATE UNIQUE INDEX shop_events_position ON shop_events (position);
