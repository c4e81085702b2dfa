"""Whom a search of the customers list means: by beginnings of words, and by words misspelt."""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from projections.customer_list import Condition
from projections.words import asked, spellable, telling, trigrams

ALIKE = 0.4  # of the trigrams of both words; pg_trgm's own limit is 0.3
MISSPELT = 3  # words of one search; each takes as long as all the rest of it
MEANT = 12  # words that a misspelt one may mean
IS_KNOWN = (
    "SELECT EXISTS (SELECT FROM rm_customers.spellings"
    " WHERE namespace_id = %s AND word >= %s AND word < %s)"
)
LAST = "\U0010ffff"  # in the order of their bytes nothing comes after it
SPELLINGS = """
    SELECT word FROM (
        SELECT word, size, count(*)::float AS shared FROM (
            SELECT word, cardinality(trigrams) AS size, unnest(trigrams) AS one
            FROM rm_customers.spellings
            WHERE namespace_id = %(namespace)s AND trigrams && %(telling)s
                AND length(word) BETWEEN length(%(word)s) - 2 AND length(%(word)s) + 2
        ) AS near WHERE one = ANY(%(wanted)s) GROUP BY word, size
    ) AS counted
    WHERE shared / (size + cardinality(%(wanted)s) - shared) >= %(alike)s
    ORDER BY shared / (size + cardinality(%(wanted)s) - shared) DESC, word LIMIT %(most)s
"""


async def searching(connection: AsyncConnection[Any], namespace: int, text: str) -> Condition:
    """The condition of who is found by the text: each of its words is the beginning of one of the
    customer's or, where nobody has such a word, nearly the same as one."""
    words, near = asked(text), dict[str, list[str]]()
    for word in words:
        is_strange = bool(spellable([word])) and not await _is_known(connection, namespace, word)
        if is_strange and len(near) < MISSPELT:
            near[word] = await _near(connection, namespace, word)
    terms = [_term(word, near.get(word, ())) for word in words]
    return Condition("words @@ %(search)s::tsquery", {"search": " & ".join(terms)})


async def _is_known(connection: AsyncConnection[Any], namespace: int, word: str) -> bool:
    cursor = await connection.execute(IS_KNOWN, (namespace, word, word + LAST))
    return await cursor.fetchone() == (True,)


async def _near(connection: AsyncConnection[Any], namespace: int, word: str) -> list[str]:
    near = {"word": word, "wanted": trigrams(word), "telling": telling(word, ALIKE)}
    bounds = {"namespace": namespace, "alike": ALIKE, "most": MEANT}
    cursor = await connection.execute(SPELLINGS.encode(), {**near, **bounds}, prepare=False)
    return [found for (found,) in await cursor.fetchall()]


def _term(word: str, near: Iterable[str]) -> str:
    return f"({' | '.join([f'{_quoted(word)}:*', *map(_quoted, near)])})"


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
