"""Who owns which identifier, as the API looks it up."""

import asyncio
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from aggregates.log.owners import Key, PostgresOwners
from aggregates.log.port import Claim, LogUnreachable, Owner, Unit
from aggregates.log.postgres import PostgresLog

ADA, BOB = uuid4(), uuid4()
MAIL, PHONE = b"digest of a mail", b"of a phone"


def _owners(dsn: str, *keys: Key) -> dict[Key, UUID]:
    async def ask() -> dict[Key, UUID]:
        async with AsyncConnectionPool(dsn, min_size=1, timeout=1.0, open=False) as pool:
            return await PostgresOwners(pool).of(keys)

    return asyncio.run(ask())


def test_the_owners_of_many_identifiers_are_found_at_once(emptied: str) -> None:
    with closing(PostgresLog(emptied)) as log:
        log.append(Unit(claims=[Claim(1, MAIL, ADA), Claim(1, PHONE, BOB), Claim(2, MAIL, BOB)]))
    found = _owners(emptied, (1, MAIL), (1, PHONE), (2, MAIL), (2, PHONE), (3, MAIL))
    owners = {(1, MAIL): ADA, (1, PHONE): BOB, (2, MAIL): BOB}
    assert found == {key: Owner(owner, owner) for key, owner in owners.items()}
    assert _owners(emptied) == {}


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(LogUnreachable):
        _owners(f"postgresql://customer360@/customer360?host={tmp_path}", (1, MAIL))
