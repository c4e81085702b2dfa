-- Pins: which properties a user of a shop wants to see first, of whatever customer.

-- `holder` is `key:PREFIX` for an API key itself, else what the shop calls its user.
CREATE TABLE pins (
    namespace_id integer NOT NULL,
    holder       text NOT NULL,
    names        text[] NOT NULL, -- in their order
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (namespace_id, holder)
);
