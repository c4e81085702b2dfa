"""How a customer is called and reached: one answer made of all that was ever told."""

from aggregates.profile.events.contact import detail
from aggregates.profile.events.identity import live
from aggregates.profile.latest import current
from aggregates.profile.profile import Profile

PLACES = ("shipping", "billing", "letter")  # where they live, by the best guess first


def contact_by(profile: Profile, kind: str) -> str | None:
    """The e-mail or phone last given; if none was ever given, the one last recognised."""
    prefix = f"{kind}:"
    seen = {
        key.removeprefix(prefix): max(seen.first, seen.last)
        for key, seen in live(profile.identity).items()
        if key.startswith(prefix)
    }
    last = max(seen, key=lambda value: (seen[value], value), default=None)
    return detail(profile.contact, kind) or last


def full_name(profile: Profile) -> str | None:
    parts = (detail(profile.contact, field) for field in ("first_name", "last_name"))
    return " ".join(part for part in parts if part) or None


def home(profile: Profile) -> tuple[str | None, str | None]:
    """City and country (ISO 3166 alpha-2, or as given)."""
    held = (current(profile.contact.addresses.get(place)) for place in PLACES)
    address = next((one for one in held if one and (one.city or one.country)), None)
    return (address.city, address.country) if address else (None, None)
