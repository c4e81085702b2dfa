"""A rule as SQL over the customers list and the orders: who meets it, and when that may change.

What looks at single orders is summed up for all customers at once and joined, because a subquery
for each row, or a list of ids that does not fit into memory, would take minutes for a large shop.
Values are parameters, always; every condition is true or false, never unknown.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple, assert_never

from aggregates.profile.money import EXPONENTS
from projections.segments.evaluate import folded
from projections.segments.rule import (
    AllOf,
    AnyOf,
    Bought,
    ComesFrom,
    Compare,
    Date,
    InSegment,
    Not,
    OrderCount,
    OrderValue,
    Rule,
    Spend,
    Stage,
    Tagged,
    TextIs,
    Visits,
    Window,
)
from projections.segments.setting import ENGAGED_FROM, Setting
from projections.words import plain

SIGNS: Mapping[Compare, str] = {
    "at_least": ">=", "at_most": "<=", "exactly": "=", "over": ">", "under": "<",
}  # fmt: skip
TESTS = {"is": "{} = {}", "contains": "strpos({}, {}) > 0", "starts_with": "starts_with({}, {})"}
SCALES = {n: sorted(c for c, digits in EXPONENTS.items() if digits == n) for n in (0, 3, 4)}


class Tables(NamedTuple):
    customers: str
    orders: str
    lines: str


EVERYBODY = Tables("rm_customers.customers", "rm_purchases.orders", "rm_purchases.lines")
GATHERED = Tables("news_customers", "news_orders", "news_lines")


class Compiled(NamedTuple):
    """`source` is what to select from, `inside` who meets the rule, `due` when that may change, of
    each row of `customers`; None where time changes nothing. `values` are the parameters, besides
    `namespace`."""

    source: str
    inside: str
    due: str | None
    values: Mapping[str, object]


def compiled(rule: Rule, setting: Setting, some: bool = False) -> Compiled:
    """For the customers of `%(namespace)s`; if `some`, of those that `news` has gathered."""
    work = _Work(setting, GATHERED if some else EVERYBODY)
    inside = work.condition(rule)
    source = f"{work.tables.customers} AS customers{''.join(work.joins)}"
    due = f"LEAST({', '.join(work.dues)})" if work.dues else None
    scope = "customers.namespace_id = %(namespace)s"
    return Compiled(f"{source} WHERE {scope}", inside, due, work.values)


class _Work:
    """One rule being compiled: what has been written down besides the condition itself."""

    def __init__(self, setting: Setting, tables: Tables) -> None:
        self.setting = setting
        self.tables = tables
        self.joins: list[str] = []
        self.dues: list[str] = []
        self.values: dict[str, object] = {}

    def condition(self, rule: Rule) -> str:  # noqa: C901, PLR0911, PLR0912 - one arm a kind
        match rule:
            case AllOf():
                return f"({' AND '.join(map(self.condition, rule.all)) or 'true'})"
            case AnyOf():
                return f"({' OR '.join(map(self.condition, rule.any)) or 'false'})"
            case Not():
                return f"(NOT {self.condition(rule.rule)})"
            case TextIs():
                return self._text(rule)
            case Visits():
                return f"(customers.visits {SIGNS[rule.compare]} {self._value(rule.count)})"
            case Spend():
                return f"(customers.spend {SIGNS[rule.compare]} {self._minor(rule.amount)})"
            case Date():
                return self._date(rule)
            case OrderCount():
                return self._order_count(rule)
            case OrderValue():
                return self._order_value(rule)
            case Bought():
                joined = self._joined(rule.window, "count(DISTINCT orders.order_id)", rule)
                return f"(COALESCE({joined}.held, 0) >= {self._value(rule.times)})"
            case Stage():
                return self._stage(rule)
            case Tagged(tag):
                return f"({self._value(tag)} = ANY(customers.tags))"
            case ComesFrom(source):
                return f"({self._value(source)} = ANY(customers.sources))"
            case InSegment(segment_id):
                return self.condition(self.setting.rule_of(segment_id))
            case _:
                assert_never(rule)

    def _text(self, rule: TextIs) -> str:
        if rule.value is None:
            return f"(customers.{rule.field} IS NOT NULL)"
        if rule.field == "name":
            held, wanted = "customers.name_key", plain(rule.value)
        else:
            held, wanted = f'lower(customers.{rule.field} COLLATE "C")', folded(rule.value)
        return f"COALESCE({TESTS[rule.test].format(held, self._value(wanted) + '::text')}, false)"

    def _date(self, rule: Date) -> str:
        held = f"customers.{rule.field}"
        if rule.at is not None:
            sign = "<" if rule.test == "before" else ">="
            return f"COALESCE({held} {sign} {self._value(rule.at)}, false)"
        if rule.days is None:
            return f"({held} IS NOT NULL)"
        ago = timedelta(days=rule.days)
        self._falls_due(held, ago)
        if rule.test == "beyond":
            return f"COALESCE({held} <= {self._ago(ago)}, false)"
        self.dues.append(f"CASE WHEN {held} > {self._now()} THEN {held} END")
        return f"COALESCE({held} > {self._ago(ago)} AND {held} <= {self._now()}, false)"

    def _order_count(self, rule: OrderCount) -> str:
        held = "customers.orders"
        if rule.window != Window():
            held = f"COALESCE({self._joined(rule.window, 'count(*)')}.held, 0)"
        return f"({held} {SIGNS[rule.compare]} {self._value(rule.count)})"

    def _order_value(self, rule: OrderValue) -> str:
        is_total = rule.measure == "total"
        sums = "sum(orders.total)" if is_total else "avg(orders.total)"
        held = f"{self._joined(rule.window, sums, rule)}.held"
        known = f"COALESCE({held}, 0)" if is_total else f"round({held})"
        return f"COALESCE({known} {SIGNS[rule.compare]} {self._minor(rule.amount)}, false)"

    def _stage(self, rule: Stage) -> str:
        quiet, windows = "COALESCE(customers.last_activity_at, customers.created_at)", (
            self.setting.windows
        )  # fmt: skip
        self._falls_due(quiet, windows.at_risk)
        self._falls_due(quiet, windows.churned)
        engaged = f"customers.visits >= {ENGAGED_FROM}"
        return (
            f"(CASE WHEN {quiet} <= {self._ago(windows.churned)} THEN 'churned'"
            f" WHEN {quiet} <= {self._ago(windows.at_risk)}"
            f" AND (customers.orders > 0 OR {engaged}) THEN 'at_risk'"
            " WHEN customers.orders > 1 THEN 'loyal' WHEN customers.orders = 1 THEN 'converted'"
            f" WHEN {engaged} THEN 'engaged' ELSE 'new' END"
            f" = ANY({self._value(list(rule.any_of))}))"
        )

    def _joined(self, window: Window, what: str, rule: OrderValue | Bought | None = None) -> str:
        """The name of what is summed up of each customer's orders: `held` and, maybe, `due`."""
        name = f"orders_{len(self.joins)}"
        counted, shown = self._window(window), [f"{what}{self._until_now(window)} AS held"]
        if window.days is not None:
            shown.append(f"{self._leaves(timedelta(days=window.days))} AS due")
            self.dues.append(f"{name}.due")
        lines, key, also = "", "orders.profile_id", f"{name}.profile_id = customers.profile_id"
        if isinstance(rule, Bought):
            counted = [*counted, self._line(rule)]
            lines = (
                f" JOIN {self.tables.lines} AS lines ON lines.subject = orders.subject"
                " AND lines.order_id = orders.order_id AND lines.quantity > 0"
            )
        elif rule is not None:
            key, also = (
                f"{key}, orders.currency",
                f"{also} AND {name}.currency = customers.currency",
            )
        self.joins.append(
            f" LEFT JOIN (SELECT {key}, {', '.join(shown)}"  # noqa: S608  # our own words
            f" FROM {self.tables.orders} AS orders{lines}"
            f" WHERE {' AND '.join(counted)} GROUP BY {key}) AS {name} ON {also}"
        )
        return name

    def _window(self, window: Window) -> list[str]:
        counted = ["orders.namespace_id = %(namespace)s", "orders.counts"]
        if window.days is not None:
            counted.append(f"orders.placed_at > {self._ago(timedelta(days=window.days))}")
        if window.start is not None:
            counted.append(f"orders.placed_at >= {self._value(window.start)}")
        if window.end is not None:
            counted.append(f"orders.placed_at < {self._value(window.end)}")
        return counted

    def _until_now(self, window: Window) -> str:
        if window.days is None:
            return ""
        return f" FILTER (WHERE orders.placed_at <= {self._now()})"

    def _leaves(self, window: timedelta) -> str:
        """When the first order falls out of the window or, placed in the future, into it."""
        first, now = "min(orders.placed_at) FILTER (WHERE orders.placed_at", self._now()
        return f"LEAST({first} <= {now}) + {self._span(window)}, {first} > {now}))"

    def _line(self, rule: Bought) -> str:
        if rule.title is not None:
            title = 'lower(lines.title COLLATE "C")'
            return f"strpos({title}, {self._value(folded(rule.title))}::text) > 0"
        if rule.sku is not None:
            return f"lines.sku = {self._value(rule.sku)}"
        return f"lines.product_id = {self._value(rule.product_id)}"

    def _falls_due(self, held: str, window: timedelta) -> None:
        ago, span = self._ago(window), self._span(window)
        self.dues.append(f"CASE WHEN {held} > {ago} THEN {held} + {span} END")

    def _minor(self, amount: str) -> str:
        """In minor units of the customer's money."""
        cases = (
            f"WHEN customers.currency = ANY({self._value(SCALES[n])}) THEN {10**n}" for n in SCALES
        )
        return f"{self._value(amount)}::numeric * CASE {' '.join(cases)} ELSE 100 END"

    def _now(self) -> str:
        return self._value(self.setting.now)

    def _ago(self, window: timedelta) -> str:
        return self._value(self.setting.now - window)

    def _span(self, window: timedelta) -> str:
        # in seconds: a database adds days by the clocks of its own time zone
        return f"make_interval(secs => {self._value(window.total_seconds())})"

    def _value(self, value: object) -> str:
        name = f"value_{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"
