"""Whom a search of the customers list means: by beginnings of words, and by words misspelt."""

from typing import Any

from psycopg import AsyncConnection

from projections.customer_list import Condition
from projections.words import FUZZY_FROM, asked, telling, trigrams

ALIKE = 0.4  # of the trigrams of both words; pg_trgm's own limit is 0.3
MEANT = 20  # words that a misspelt one may mean
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
    terms = [await _term(connection, namespace, word) for word in asked(text)]
    return Condition("words @@ %(search)s::tsquery", {"search": " & ".join(terms)})


async def _term(connection: AsyncConnection[Any], namespace: int, word: str) -> str:
    begins = f"{_quoted(word)}:*"
    if len(word) < FUZZY_FROM or not word.isalpha():
        return begins
    cursor = await connection.execute(IS_KNOWN, (namespace, word, word + LAST))
    if await cursor.fetchone() == (True,):
        return begins
    near = {"word": word, "wanted": trigrams(word), "telling": telling(word, ALIKE)}
    bounds = {"namespace": namespace, "alike": ALIKE, "most": MEANT}
    cursor = await connection.execute(SPELLINGS.encode(), {**near, **bounds}, prepare=False)
    meant = [_quoted(found) for (found,) in await cursor.fetchall()]
    return f"({' | '.join([begins, *meant])})"


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
