"""In which stage each customer is, what was recorded of it, and when the clock must look again.

Nothing runs for customers who are quiet: the next change of each is an entry in an index.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from aggregates.log.residents import Resident
from aggregates.profile.lifecycle import due_at, last_sign, runs, signs, told
from aggregates.shop.lifecycle_rules import LifecycleRulesOf, default_rules
from projections.readmodel import topics_of

PUT = """
    INSERT INTO stages (profile_id, namespace_id, version, stage, since, active_stage, active_at,
        recorded_stage, due_at)
    SELECT * FROM unnest(%b::uuid[], %b::integer[], %b::bigint[], %b::text[], %b::timestamptz[],
        %b::text[], %b::timestamptz[], %b::text[], %b::timestamptz[])
    ON CONFLICT (profile_id) DO UPDATE SET
        version = excluded.version, stage = excluded.stage, since = excluded.since,
        active_stage = excluded.active_stage, active_at = excluded.active_at,
        recorded_stage = excluded.recorded_stage, due_at = excluded.due_at
    WHERE stages.version <= excluded.version
"""
MOVED_BY = topics_of("identity", "lifecycle", "orders", "checkouts", "visits")
NEVER_ACTIVE = (None, "new")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Stages(Struct, frozen=True):
    """The read model. A stage is that of the moment at which its row was written; when it ends by
    itself the clock records that, and the row is written again."""

    rules_of: LifecycleRulesOf = default_rules
    now: Callable[[], datetime] = utc_now
    look: Callable[[Connection[TupleRow]], None] = lambda _: None  # for news of the rules
    name: str = "stages"
    moved_by: frozenset[str] | None = MOVED_BY
    tables: str = """
        CREATE TABLE IF NOT EXISTS stages (
            profile_id     uuid PRIMARY KEY,
            namespace_id   integer NOT NULL,
            version        bigint NOT NULL,
            stage          text NOT NULL,
            since          timestamptz,
            active_stage   text NOT NULL, -- of the two that follow, other windows make another
            active_at      timestamptz,   -- stage, without reading the customer again
            recorded_stage text NOT NULL,
            due_at         timestamptz -- NULL where nothing will change by itself
        );
        CREATE INDEX IF NOT EXISTS stages_due ON stages (due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX IF NOT EXISTS stages_of ON stages (namespace_id, profile_id);
        CREATE INDEX IF NOT EXISTS stages_signs ON stages (namespace_id, active_stage, active_at);
        CREATE TABLE IF NOT EXISTS restaging ( -- how far a shop's customers have its new windows
            namespace_id integer PRIMARY KEY,
            windows      bigint NOT NULL, -- the version of the settings that they came with
            customer     uuid NOT NULL,   -- the last one looked at
            looked_at    bigint NOT NULL,
            begun_at     timestamptz NOT NULL,
            finished_at  timestamptz
        );
    """

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        self.look(connection)
        here = {one: held for one, held in changes.profiles.items() if not held.is_gone}
        gone = [one for one in changes.profiles if one not in here]
        connection.execute("DELETE FROM stages WHERE profile_id = ANY(%s)", (gone,))
        if rows := [self._row(one, here[one]) for one in sorted(here)]:
            connection.execute(PUT, [list(each) for each in zip(*rows, strict=True)], binary=True)

    def _row(self, profile: UUID, held: Resident) -> tuple[object, ...]:
        now, noticed = self.now(), held.profile.lifecycle.stage
        known = signs(held.profile)
        found = told(runs(known, self.rules_of(held.namespace)), now)
        active_at, active = last_sign(known, now) or NEVER_ACTIVE
        whose = (profile, held.namespace, held.version)
        stage = (found.stage, found.since, active, active_at)
        return *whose, *stage, noticed, due_at(found, noticed, now)
