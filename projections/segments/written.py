"""What is written down while a rule becomes SQL: parameters, joins, moments to look again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from projections.segments.look import COMPARED
from projections.segments.rule import Compare
from projections.segments.setting import Setting

SIGNS: Mapping[Compare, str] = {
    "at_least": ">=", "at_most": "<=", "exactly": "=", "over": ">", "under": "<",
}  # fmt: skip


class Tables(NamedTuple):
    customers: str
    orders: str
    lines: str
    stages: str
    standings: str
    messages: str
    visits: str


EVERYBODY = Tables(
    "rm_customers.customers", "rm_purchases.orders", "rm_purchases.lines", "rm_stages.stages",
    "rm_reach.standings", "rm_reach.messages", "rm_visits.visits",
)  # fmt: skip
GATHERED = Tables(
    "news_customers", "news_orders", "news_lines", "news_stages", "news_standings",
    "news_messages", "news_visits",
)  # fmt: skip


class Written:
    """Of one rule. Values are parameters, always: what these methods return holds their names."""

    def __init__(self, setting: Setting, tables: Tables) -> None:
        self.setting = setting
        self.tables = tables
        self.joins: list[str] = []
        self.dues: list[str] = []
        self.needs: list[str] = []
        self.values: dict[str, object] = {}

    def value(self, value: object) -> str:
        name = f"value_{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def joins_with(self, source: str, condition: str) -> str:
        """The name under which each customer's row of `source` is joined, if there is one; in the
        condition, `{0}` stands for it."""
        name = f"joined_{len(self.joins)}"
        self.joins.append(f" LEFT JOIN {source} AS {name} ON {condition.format(name)}")
        return name

    def count_is(self, name: str, compare: Compare, count: int) -> str:
        """Of `held` in the row of `name`; no row is 0."""
        if not COMPARED[compare](0, count):
            self.needs_row(name, "{0}.profile_id IS NOT NULL")
        return f"(COALESCE({name}.held, 0) {SIGNS[compare]} {self.value(count)})"

    def now(self) -> str:
        return self.value(self.setting.now)

    def ago(self, window: timedelta) -> str:
        return self.value(self.setting.now - window)

    def span(self, window: timedelta) -> str:
        # in seconds: a database adds days by the clocks of its own time zone
        return f"make_interval(secs => {self.value(window.total_seconds())})"

    def falls_due(self, held: str, window: timedelta) -> None:
        """When the moment `held` is no longer within the window."""
        ago, span = self.ago(window), self.span(window)
        self.dues.append(f"CASE WHEN {held} > {ago} THEN {held} + {span} END")

    def needs_row(self, name: str, condition: str) -> None:
        """Without such a row of `name`, what is being written of the rule is neither met nor ever
        due; with one it most likely is, so of what turns with time no more is asked."""
        self.needs.append(f"({condition.format(name)})")

    def taken(self) -> tuple[list[str], list[str]]:
        """The moments and the needs written down since last asked."""
        dues, needs, self.dues, self.needs = self.dues, self.needs, [], []
        return dues, needs
