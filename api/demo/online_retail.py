"""Read an "Online Retail" CSV (UCI): one row per invoice line, cancellations among them."""

import csv
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

from api.demo.store import TIME_ZONE, Row

MAX_ROWS = 1_000_000  # the whole published data set has 541,909
COLUMNS = {
    *("InvoiceNo", "StockCode", "Description", "Quantity"),
    *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
}


class BadOrdersFile(ValueError):
    """The file is not what it should be; the message says where."""


def read(file: Path) -> tuple[list[Row], int]:
    """The rows of known shoppers, and how many rows name none."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return _rows(file, csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadOrdersFile(f"{file}: {error}") from error


def _rows(file: Path, reader: "csv.DictReader[str]") -> tuple[list[Row], int]:
    if missing := COLUMNS - set(reader.fieldnames or ()):
        raise BadOrdersFile(f"{file}: no column {', '.join(sorted(missing))}")
    rows: list[Row] = []
    strangers = 0
    for cells in reader:
        if not (cells["CustomerID"] or "").strip():
            strangers += 1
            continue
        if len(rows) == MAX_ROWS:
            raise BadOrdersFile(f"{file}: more than {MAX_ROWS:,} rows")
        try:
            rows.append(_row(cells))
        except (ValueError, InvalidOperation, AttributeError) as error:
            raise BadOrdersFile(f"{file}: line {reader.line_num}: {error}") from error
    if not rows:
        raise BadOrdersFile(f"{file}: no row names a customer")
    return rows, strangers


def _row(cells: dict[str, str]) -> Row:
    return Row(
        invoice=cells["InvoiceNo"].strip(),
        stock_code=cells["StockCode"].strip(),
        title=cells["Description"].strip() or cells["StockCode"],
        quantity=int(cells["Quantity"]),
        at=_instant(cells["InvoiceDate"]),
        price_minor=_pence(cells["UnitPrice"]),
        customer=cells["CustomerID"].strip().removesuffix(".0"),  # some exports made it a float
        country=cells["Country"].strip(),
    )


def _instant(text: str) -> datetime:
    local = datetime.strptime(text, "%m/%d/%Y %H:%M").replace(tzinfo=TIME_ZONE)
    return local.astimezone(UTC)


def _pence(text: str) -> int:
    price = Decimal(text)
    if not 0 <= price < 10_000_000:
        raise ValueError(f"a unit price of {text}")
    return int((price * 100).to_integral_value(ROUND_HALF_UP))
