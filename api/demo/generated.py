"""Invoice rows of a shop that never was, for machines without the real file."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from msgspec.structs import replace

from api.demo.people import BRITAIN, FIRST_NUMBER, GERMANY
from api.demo.seeds import chance, words
from api.demo.store import Line, Row

CUSTOMERS = 100
ORDERS = 600
OPENED = datetime(2025, 11, 1, 8, tzinfo=UTC)
OPEN_DAYS = 365
RETURN_SHARE = 0.12
LINES = (1, 1, 2, 2, 3, 4, 6)
FIRST_INVOICE = 600_001

THINGS = words(
    "TEA TOWEL|MUG|CANDLE HOLDER|PICTURE FRAME|LUNCH BAG|WALL CLOCK|JAM JAR|GIFT WRAP|DOORMAT|"
    "PAPER LANTERN|CUSHION COVER|BREAD BIN",
    between="|",
)
LOOKS = words("RED SPOTTED|BLUE STRIPED|VINTAGE GREEN|WOODLAND|IVORY LACE|SMALL STAR", "|")
PRICES = (85, 125, 165, 255, 295, 495, 850, 1495)


def rows(seed: int) -> list[Row]:
    """Some shoppers come often, many once or twice, and one order in eight partly comes back."""
    dice = chance("store", seed)
    weights = [1 / (rank + 3) for rank in range(CUSTOMERS)]
    extra = dice.choices(range(CUSTOMERS), weights, k=ORDERS - CUSTOMERS)
    moments = sorted(dice.uniform(0, OPEN_DAYS) for _ in range(ORDERS))
    shoppers = [*range(CUSTOMERS), *extra]
    dice.shuffle(shoppers)
    return [
        row
        for number, (shopper, days) in enumerate(zip(shoppers, moments, strict=True))
        for row in _invoice(number, shopper, OPENED + timedelta(minutes=int(days * 1440)), dice)
    ]


def _invoice(number: int, shopper: int, at: datetime, dice: Random) -> Iterator[Row]:
    lines = [_row(number, shopper, at, dice) for _ in range(dice.choice(LINES))]
    yield from lines
    if dice.random() < RETURN_SHARE:
        yield _back(dice.choice(lines), timedelta(days=dice.randint(2, 20)))


def _row(number: int, shopper: int, at: datetime, dice: Random) -> Row:
    line = a_line(dice)
    place = BRITAIN if shopper % 5 == 0 else GERMANY
    return Row(
        invoice=str(FIRST_INVOICE + number),
        stock_code=line.stock_code,
        title=line.title,
        quantity=line.quantity,
        at=at,
        price_minor=line.price_minor,
        customer=str(FIRST_NUMBER + shopper),
        country=place.country,
    )


def a_line(dice: Random) -> Line:
    look, thing = dice.randrange(len(LOOKS)), dice.randrange(len(THINGS))
    return Line(
        stock_code=f"{20_000 + look * 100 + thing}",
        title=f"{LOOKS[look]} {THINGS[thing]}",
        quantity=dice.choice((1, 1, 2, 4, 6, 12)),
        price_minor=PRICES[(look + thing) % len(PRICES)],
    )


def _back(row: Row, later: timedelta) -> Row:
    half = row.quantity // 2
    return replace(row, invoice=f"C{row.invoice}", quantity=half - row.quantity, at=row.at + later)
