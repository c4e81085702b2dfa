"""Small histories for tests, written as the invoice rows they come from."""

from pathlib import Path

from api.demo.history import store_of
from api.demo.online_retail import read
from api.demo.store import Store

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
SHOP = "demo.myshopify.com"
SIGNING = "whsec-for-tests"


def csv_of(folder: Path, *rows: str) -> Path:
    """As published: with a byte order mark, in Windows line ends."""
    file = folder / "orders.csv"
    file.write_bytes("\r\n".join([HEAD, *rows, ""]).encode("utf-8-sig"))
    return file


def history(folder: Path, *rows: str) -> Store:
    return store_of(*read(csv_of(folder, *rows)))
