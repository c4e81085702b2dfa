"""`python -m tests.segments`: SQL answers random rules on random customers as Python does."""

import shutil
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from hypothesis import HealthCheck, Phase, given, seed, settings
from rich.progress import Progress

from aggregates.shop.settings import Settings
from config.embedded import EmbeddedPostgres
from config.migrations import migrate
from projections.segments.rule import Rule
from tests.segments.agreement import check, setting_at
from tests.segments.crowd import crowd, facts_by_hand, stored
from tests.segments.rules import instants, rules, shops


def main() -> None:
    asked = _asked()
    shoppers = crowd(asked.profiles, asked.seed)
    facts = {one.profile_id: facts_by_hand(one) for one in shoppers}
    met = 0
    with _database() as dsn, Progress() as progress:
        stored(dsn, shoppers)
        task = progress.add_task("rules", total=asked.rules)
        with psycopg.connect(dsn, autocommit=True) as connection:

            @seed(asked.seed)
            @settings(
                max_examples=asked.rules,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            )
            @given(rule=rules, now=instants, shop=shops)
            def judge(rule: Rule, now: datetime, shop: Settings) -> None:
                nonlocal met
                met += check(connection, facts, rule, setting_at(now, shop))
                progress.advance(task)

            judge()
    answers = asked.rules * asked.profiles
    print(f"{answers:,} answers agree, seed {asked.seed}; {met:,} of them were yes")  # noqa: T201


def _asked() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.segments", description=__doc__)
    parser.add_argument("--rules", type=int, default=500)
    parser.add_argument("--profiles", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@contextmanager
def _database() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="c360-segments-"))
    folder.chmod(0o711)  # root's PostgreSQL runs as another user
    with EmbeddedPostgres(folder / "postgres", {"fsync": "off"}) as running:
        migrate(running.dsn)
        yield running.dsn
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
