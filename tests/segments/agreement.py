"""Whether the database and plain Python agree about who meets a rule, and when that may change."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.shop.settings import Settings
from projections.segments.compile import compiled
from projections.segments.evaluate import holds, next_change, turns
from projections.segments.facts import Facts
from projections.segments.membership import PLACES
from projections.segments.news import Changed, gathered
from projections.segments.rule import AllOf, AnyOf, Rule, Tagged, parts_of
from projections.segments.setting import Setting
from tests.actors.shopping import SHOP
from tests.segments.rules import OTHER_SEGMENT

USUAL = Settings()
OTHER_RULES: dict[UUID, Rule] = {OTHER_SEGMENT: Tagged("vip")}


class Answer(NamedTuple):
    inside: bool
    due: datetime | None


def setting_at(now: datetime, shop: Settings = USUAL) -> Setting:
    return Setting(now, shop, OTHER_RULES.__getitem__)


def by_database(
    connection: Connection[TupleRow],
    rule: Rule,
    setting: Setting,
    some: Sequence[UUID] | None = None,
) -> dict[UUID, Answer]:
    places = [one for (one,) in connection.execute(PLACES, (SHOP,)).fetchall()]
    found = compiled(rule, setting._replace(places=places), some is not None)
    shown = f"customers.profile_id, {found.inside}, {found.due or 'NULL'}"
    query = f"SELECT {shown} FROM {found.source}"  # noqa: S608 - our own words
    with connection.transaction(), gathered(connection, [Changed(one) for one in some or ()]):
        values = {**found.values, "namespace": SHOP}
        rows = connection.execute(query.encode(), values).fetchall()
    return {profile: Answer(inside, due) for profile, inside, due in rows}


def by_hand(facts: Facts, rule: Rule, setting: Setting) -> Answer:
    return Answer(holds(rule, facts, setting), _due(rule, facts, setting))


def _due(rule: Rule, facts: Facts, setting: Setting) -> datetime | None:
    """Of the outermost parts, all that decide the answer alone must turn before it does."""
    if not isinstance(rule, AllOf | AnyOf):
        return _turn(rule, facts, setting)
    each = [
        (holds(part, facts, setting), _turn(part, facts, setting)) for _, part in parts_of(rule)
    ]
    deciding = [turn for held, turn in each if held == isinstance(rule, AnyOf)]
    if deciding:
        known = [turn for turn in deciding if turn]
        return max(known) if known == deciding else None
    return min((turn for _, turn in each if turn), default=None)


def _turn(rule: Rule, facts: Facts, setting: Setting) -> datetime | None:
    later = (at for at in turns(rule, facts, setting) if at > setting.now)
    return min(later, default=None)


def agreed(
    connection: Connection[TupleRow], facts: dict[UUID, Facts], rule: Rule, setting: Setting
) -> dict[UUID, Answer]:
    wanted = {profile: by_hand(one, rule, setting) for profile, one in facts.items()}
    assert by_database(connection, rule, setting) == wanted
    return wanted


def check(
    connection: Connection[TupleRow], facts: dict[UUID, Facts], rule: Rule, setting: Setting
) -> int:
    """The number of customers who meet the rule. Looks at the moment of the next turn, too."""
    wanted = agreed(connection, facts, rule, setting)
    if turn := min((one.due for one in wanted.values() if one.due), default=None):
        agreed(connection, facts, rule, setting._replace(now=turn))
    some = list(facts)[::3]
    assert by_database(connection, rule, setting, some) == {one: wanted[one] for one in some}
    for profile in list(facts)[:5]:
        _check_change(facts[profile], rule, setting, wanted[profile])
    return sum(answer.inside for answer in wanted.values())


def _check_change(facts: Facts, rule: Rule, setting: Setting, answer: Answer) -> None:
    """Nobody is looked at too late, and the change that was foretold takes place."""
    at = next_change(rule, facts, setting)
    if at is None:
        return
    assert answer.due is not None
    assert answer.due <= at
    assert holds(rule, facts, setting._replace(now=at)) != answer.inside
