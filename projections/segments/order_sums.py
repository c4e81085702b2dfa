"""Sums over single orders in SQL: of all customers at once, to be joined with them."""

from datetime import timedelta

from projections.segments.evaluate import folded
from projections.segments.rule import Bought, OrderCount, OrderValue, Window
from projections.segments.written import Written

ASCII_SMALL = 'lower({} COLLATE "C")'  # the same whatever the database's locale


def joined(rule: OrderCount | OrderValue | Bought, work: Written) -> str:
    """The name of a table with `held`, what the rule looks at, for each customer who has any; null
    for the others."""
    name = f"orders_{len(work.joins)}"
    shown, window = [f"{_summed(rule)}{_until_now(rule.window, work)} AS held"], rule.window
    if window.days is not None:
        shown.append(f"{_leaves(timedelta(days=window.days), work)} AS due")
        work.dues.append(f"{name}.due")
    key, on = ["profile_id"], f"{name}.profile_id = customers.profile_id"
    if isinstance(rule, OrderValue):
        key, on = [*key, "currency"], f"{on} AND {name}.currency = customers.currency"
    grouped = ", ".join(f"orders.{column}" for column in key)
    source, counted = _source(rule, work), " AND ".join(_counted(rule, work))
    work.joins.append(
        f" LEFT JOIN (SELECT {grouped}, {', '.join(shown)} FROM {source}"  # noqa: S608  # ours
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
    conditions = ["orders.namespace_id = %(namespace)s", "orders.counts"]
    window = rule.window
    if window.days is not None:
        conditions.append(f"orders.placed_at > {work.ago(timedelta(days=window.days))}")
    if window.start is not None:
        conditions.append(f"orders.placed_at >= {work.value(window.start)}")
    if window.end is not None:
        conditions.append(f"orders.placed_at < {work.value(window.end)}")
    return [*conditions, _product(rule, work)] if isinstance(rule, Bought) else conditions


def _product(rule: Bought, work: Written) -> str:
    if rule.title is not None:
        wanted = work.value(folded(rule.title))
        return f"strpos({ASCII_SMALL.format('lines.title')}, {wanted}::text) > 0"
    if rule.sku is not None:
        return f"lines.sku = {work.value(rule.sku)}"
    return f"lines.product_id = {work.value(rule.product_id)}"


def _until_now(window: Window, work: Written) -> str:
    """An order placed in the future is not in the last days."""
    return f" FILTER (WHERE orders.placed_at <= {work.now()})" if window.days is not None else ""


def _leaves(window: timedelta, work: Written) -> str:
    """When the first order falls out of the window or, placed in the future, into it."""
    first, now = "min(orders.placed_at) FILTER (WHERE orders.placed_at", work.now()
    return f"LEAST({first} <= {now}) + {work.span(window)}, {first} > {now}))"
