"""What a shop, its storefront and its partners say about somebody, rightly and wrongly."""

from collections.abc import Iterator
from itertools import count

import msgspec

from tests.faults.canaries.person import NOW, Person

NUMBERS = count(7_000_000_000_000)
json = msgspec.json.encode


def shopify(person: Person) -> bytes:
    """An order, a customer, a checkout, a cart, a draft: every topic finds its members in it."""
    number = next(NUMBERS)
    customer = {
        "id": number,
        "email": person.email,
        "phone": person.phone,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "note": person.note,
        "tags": person.tag,
        "created_at": NOW,
        "updated_at": NOW,
        "default_address": person.address,
        "addresses": [person.address],
        "birthday": person.born,
    }
    goods = {"id": number, "product_id": 1, "title": "Mug", "quantity": 1, "price": "9.80"}
    gift = {**goods, "properties": [{"name": "engraving", "value": person.note}]}
    order = {
        "admin_graphql_api_id": f"gid://shopify/Order/{number}",
        "order_id": number,
        "name": f"#{number}",
        "token": person.cookie,
        "customer": customer,
        "billing_address": person.address,
        "shipping_address": person.address,
        "browser_ip": person.ip,
        "client_details": {"browser_ip": person.ip, "user_agent": person.note},
        "landing_site": f"/?email={person.email}",
        "referring_site": f"https://{person.city}.example/?q={person.last_name}",
        "note_attributes": [{"name": "card", "value": person.note}],
        "line_items": [gift],
        "currency": "GBP",
        "total_price": "9.80",
        "reason": person.note,
    }
    return json({**customer, **order})


def contact(person: Person) -> bytes:
    """A line of a list."""
    details = {
        "email": person.email,
        "phone": person.phone,
        "last_name": person.last_name,
        "letter": {"line1": person.street, "city": person.city},
    }
    properties = {"type": "SetProperties", "properties": {person.tag: person.note}}
    told = {"ids": [person.cookie], "details": {"type": "SetContact", **details}}
    return json({**told, "properties": properties})


def commands(person: Person) -> Iterator[dict[str, object]]:
    """Good ones, each with an id that says nothing."""
    yield _command(
        person,
        "SetContact",
        email=person.email,
        phone=person.phone,
        first_name=person.first_name,
        last_name=person.last_name,
        birthday=person.born,
    )
    yield _command(
        person,
        "SetAddress",
        kind="shipping",
        address={"line1": person.street, "city": person.city, "name": person.last_name},
    )
    yield _command(person, "AddTags", tags=[person.tag])
    yield _command(person, "SetProperties", properties={person.tag: person.note})
    yield from _messages(person)
    yield _command(person, "LinkIdentifier", kind="cookie", value=person.cookie)
    yield _command(person, "RecordSearch", query=person.note)
    yield _command(
        person, "RecordVisit", visit_id=f"v-{next(NUMBERS)}", landing_page=f"/?e={person.email}"
    )
    at = {"channel": "email", "address": person.email, "ip": person.ip, "actor": person.last_name}
    yield _command(person, "GrantConsent", **at, user_agent=person.note, evidence=person.tag)
    yield _command(person, "WithdrawConsent", **at, reason=person.note)
    total = {"amount": "9.80", "currency": "GBP"}
    order = {"order_id": f"o-{next(NUMBERS)}", "placed_at": NOW, "total": total}
    yield _command(person, "RecordOrder", **order)


def _messages(person: Person) -> Iterator[dict[str, object]]:
    message = {"message_id": f"m-{next(NUMBERS)}"}
    to = {"channel": "email", "address": person.email}
    yield _command(person, "RequestSend", **message, **to)
    said = {"subject": person.note, "preview": person.first_name}
    yield _command(person, "RecordMessageSent", **message, **to, **said)
    yield _command(person, "RecordMessageClicked", **message, url=f"/?e={person.email}")
    yield _command(person, "RecordMessageReplied", **message, text=person.note)
    yield _command(person, "RecordMessageBounced", **message, **to, detail=person.note)


def wrong_commands(person: Person) -> Iterator[dict[str, object]]:
    """The same data where they do not belong. Names of members are ours to repeat, values not."""
    yield {"type": person.email, "id": "w-1"}
    yield _command(person, "SetContact", email={"nested": person.email})
    yield _command(person, "SetContact", locale=[person.note], birthday=person.last_name)
    yield _command(person, "SetTimeZone", timezone=person.city)
    yield _command(person, "AddTags", tags=person.tag)
    yield _command(person, "GrantConsent", channel=person.note, address=person.email)
    yield _command(person, "GrantConsent", channel="sms", address=person.email)
    yield _command(person, "WithdrawConsent", scope=person.note, reason=[person.note])
    yield _command(person, "RequestSend", channel=person.email, address=[person.phone])
    yield _command(person, "RecordOrder", order_id=person.note, placed_at=person.born, total=7)
    yield {**_command(person, "AddTags", tags=["t"]), "occurred_at": person.note}
    yield {**_command(person, "AddTags", tags=["t"]), "profile": person.email}
    yield {**_command(person, "AddTags", tags=["t"]), "profile": {"id": person.email}}
    yield {**_command(person, "AddTags", tags=["t"]), "profile": {"email": person.note}}


def pixel_events(person: Person) -> Iterator[dict[str, object]]:
    about = {"cookie": person.cookie, "url": f"https://shop.example/?email={person.email}"}
    yield {"type": "page_viewed", **about, "referrer": f"https://{person.city}.example/"}
    yield {"type": "search_performed", **about, "query": person.note}
    yield {"type": "product_viewed", **about, "product": {"id": "42", "title": person.last_name}}
    yield {
        "type": "form_submitted",
        **about,
        "email": person.email,
        "phone": person.phone,
        "first_name": person.first_name,
        "last_name": person.last_name,
    }
    yield {"type": person.last_name, **about}
    yield {"type": "page_viewed", "cookie": [person.cookie]}
    yield {"type": "page_viewed", **about, "occurred_at": person.email}


def garbage(person: Person) -> Iterator[bytes]:
    """Bodies that are no JSON, or not all of it."""
    whole = shopify(person)
    yield whole[: len(whole) // 2]
    yield b"\xff" + whole
    yield person.email.encode()
    yield json([person.email, person.note])
    yield b'{"a":' * 2_000 + json(person.email)
    yield json({"email": person.email}) + person.note.encode()


def _command(person: Person, kind: str, /, **members: object) -> dict[str, object]:
    name = f"canary-{next(NUMBERS)}"
    return {"type": kind, "id": name, "profile": {"email": person.email}, **members}
