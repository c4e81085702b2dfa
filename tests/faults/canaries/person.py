"""One shopper all of whose personal data are strings found nowhere else."""

import secrets
from datetime import UTC, datetime

from msgspec import Struct

BORN = "1903-07-29"  # nobody's birthday, and no date a program prints by itself
NOW = datetime.now(UTC).isoformat(timespec="seconds")


class Person(Struct, frozen=True, kw_only=True):
    """Each member is a canary. Lower case, because addresses are compared so."""

    first_name: str
    last_name: str
    email: str
    phone: str
    company: str
    street: str
    city: str
    note: str
    tag: str
    cookie: str
    ip: str
    born: str = BORN

    @property
    def canaries(self) -> tuple[str, ...]:
        """What to look for; the phone without its plus, as some would write it."""
        values = [getattr(self, name) for name in self.__struct_fields__]
        return tuple(value.removeprefix("+") for value in values)

    @property
    def address(self) -> dict[str, object]:
        """As Shopify writes one."""
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "name": f"{self.first_name} {self.last_name}",
            "company": self.company,
            "address1": self.street,
            "address2": self.note,
            "city": self.city,
            "zip": "10115",
            "country_code": "DE",
            "phone": self.phone,
        }


def somebody() -> Person:
    token = secrets.token_hex(4)
    digits = f"{secrets.randbelow(10**9):09}"
    return Person(
        first_name=f"zaphkiel{token}",
        last_name=f"quillfeather{token}",
        email=f"canary.{token}@nest{token}.example",
        phone=f"+49151{digits[1:]}",  # what Germany could assign, or nobody is known by it
        company=f"songbirds{token}",
        street=f"perch{token} 7",
        city=f"aviary{token}",
        note=f"leave it with {token} next door",
        tag=f"birdlover{token}",
        cookie=f"ga1.2.{token}.{digits}",
        ip=f"2001:db8:{token[:4]}:{token[4:]}::7",
    )
