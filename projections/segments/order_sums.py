"""Sums over single orders in SQL: of all customers at once, to be joined with them."""

from projections.segments.evaluate import folded
from projections.segments.rule import Bought, OrderCount, OrderValue
from projections.segments.window_sql import bounds, falls_due, sums
from projections.segments.written import Written

AT = "orders.placed_at"
ASCII_SMALL = 'lower({} COLLATE "C")'  # the same whatever the database's locale


def joined(rule: OrderCount | OrderValue | Bought, work: Written) -> str:
    """The name of a table with `held`, what the rule looks at, for each customer who has any; null
    for the others."""
    name = f"orders_{len(work.joins)}"
    shown = sums(_summed(rule), AT, rule.window, work)
    falls_due(name, rule.window, work)
    key, on = ["profile_id"], f"{name}.profile_id = customers.profile_id"
    if isinstance(rule, OrderValue):
        key, on = [*key, "currency"], f"{on} AND {name}.currency = customers.currency"
    grouped = ", ".join(f"orders.{column}" for column in key)
    source, counted = _source(rule, work), " AND ".join(_counted(rule, work))
    work.joins.append(
        f" LEFT JOIN (SELECT {grouped}, {shown} FROM {source}"  # noqa: S608  # ours
        f" WHERE {counted} GROUP BY {grouped}) AS {name} ON {on}"
    )
    return name


def _summed(rule: OrderCount | OrderValue | Bought) -> str:
    match rule:
        case OrderCount():
            return "count(*)"
        case OrderValue():
            return "sum(orders.total)" if rule.measure == "total" else "avg(orders.total)"
    return "count(DISTINCT orders.order_id)"


def _source(rule: OrderCount | OrderValue | Bought, work: Written) -> str:
    orders = f"{work.tables.orders} AS orders"
    if not isinstance(rule, Bought):
        return orders
    return (
        f"{orders} JOIN {work.tables.lines} AS lines ON lines.subject = orders.subject"
        " AND lines.order_id = orders.order_id AND lines.quantity > 0"
    )


def _counted(rule: OrderCount | OrderValue | Bought, work: Written) -> list[str]:
    window = bounds(AT, rule.window, work)
    conditions = ["orders.namespace_id = %(namespace)s", "orders.counts", *window]
    return [*conditions, _product(rule, work)] if isinstance(rule, Bought) else conditions


def _product(rule: Bought, work: Written) -> str:
    if rule.title is not None:
        wanted = work.value(folded(rule.title))
        return f"strpos({ASCII_SMALL.format('lines.title')}, {wanted}::text) > 0"
    if rule.sku is not None:
        return f"lines.sku = {work.value(rule.sku)}"
    return f"lines.product_id = {work.value(rule.product_id)}"
