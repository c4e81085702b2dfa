"""A shop's own list of blocked values, brought into the form in which they are compared."""

from msgspec.structs import replace

from aggregates.shop.identity_rules import IdentityRules
from api.recognition.emails import email
from api.recognition.forms import said
from api.recognition.phones import is_region, phone


class BadRule(ValueError):
    """A rule is not as it must be; `field` says which, the message what would be right."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def in_normal_form(rules: IdentityRules) -> IdentityRules:
    """The same rules as recognition compares them. Raises BadRule."""
    if rules.country is not None and not is_region(rules.country):
        raise BadRule("country", "expected an ISO 3166 code of two letters, such as DE")
    return replace(
        rules, blocked=frozenset(_blocked(raw, rules.country) for raw in sorted(rules.blocked))
    )


def _blocked(raw: str, country: str | None) -> str:
    text = said(raw)
    if text is None:
        raise BadRule("blocked", "expected values, such as info@shop.example or *@shop.example")
    if text.startswith("*@"):
        return f"*@{_domain(text[2:])}"
    return email(text) or phone(text, country) or text


def _domain(raw: str) -> str:
    if (address := email(f"anybody@{raw}")) is None:
        raise BadRule("blocked", "expected a domain after *@, such as *@shop.example")
    return address.rpartition("@")[2]
