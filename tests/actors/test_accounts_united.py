"""The shop has merged two of its accounts: it knows, so nothing is weighed."""

from actors.signals import Signal
from aggregates.profile.decisions.lineage import UniteAccounts
from tests.actors.merges import Town
from tests.actors.shopping import known, order, signal

(KEPT,) = known(shopify_customer_id="42")
(GONE,) = known(shopify_customer_id="43")


def merged_by_the_shop() -> Signal:
    return signal(UniteAccounts(KEPT.value, GONE.value), by=[KEPT, GONE], powerless=(GONE,))


def test_both_known_become_one_though_they_are_two_accounts() -> None:
    town = Town()
    kept = town.send(signal(order("1"), by=[KEPT])).profile_id
    town.send(signal(order("2"), by=[GONE]))
    assert town.send(merged_by_the_shop()).profile_id == kept
    assert set(town.fingerprint(kept).orders.by_id) == {"1", "2"}
    town.holds()


def test_an_account_never_seen_is_an_alias_of_the_one_kept() -> None:
    """Webhooks for it may still be on their way."""
    town = Town()
    kept = town.send(signal(order("1"), by=[KEPT])).profile_id
    town.send(merged_by_the_shop())
    assert town.send(signal(order("2"), by=[GONE])).profile_id == kept


def test_where_only_the_one_that_is_gone_was_seen_it_is_taken_in() -> None:
    town = Town()
    gone = town.send(signal(order("1"), by=[GONE])).profile_id
    kept = town.send(merged_by_the_shop()).profile_id
    assert kept != gone
    assert town.heads == [kept]
    assert set(town.fingerprint(kept).orders.by_id) == {"1"}


def test_told_twice_it_is_one_merge() -> None:
    town = Town()
    town.send(signal(order("1"), by=[KEPT]))
    town.send(signal(order("2"), by=[GONE]))
    town.send(merged_by_the_shop())
    town.send(merged_by_the_shop())
    assert len(town.merges) == 1
