"""Customer accounts and their tags."""

from msgspec.json import Decoder
from msgspec.structs import replace

from aggregates.profile.decisions.contact import AddTags, RemoveTags
from api.webhooks.shopify import bodies, consents
from api.webhooks.shopify.news import Heard, News, Translator, of_somebody
from api.webhooks.shopify.people import details, person, tags
from api.webhooks.shopify.scalars import AN_ID, instant_of, required, resource_id

_ACCOUNT = Decoder(bodies.Account)
_TAGS = Decoder(bodies.TagChange)


def changed(body: bytes, heard: Heard) -> News:
    customer = bodies.decoded(_ACCOUNT, body)
    required(resource_id(customer.id, customer.admin_graphql_api_id), "$.id", AN_ID)
    moment = instant_of(customer.updated_at, "$.updated_at")
    known = person(customer, (customer.email,), (customer.phone,), heard.rules)
    given = details(known, customer)
    if customer.tags is not None:  # the whole set, empty too; absent since 2025-01
        given = replace(given, tags=tags(customer.tags))
    news = of_somebody(known.identifiers, given, moment, heard)
    return news._replace(steps=(*news.steps, *consents.beside(customer, news.at, heard.rules)))


def tagged(kind: type[AddTags] | type[RemoveTags]) -> Translator:
    def translate(body: bytes, heard: Heard) -> News:
        change = bodies.decoded(_TAGS, body)
        account = required(resource_id(change.customer_id), "$.customerId", AN_ID)
        moment = instant_of(change.occurred_at, "$.occurredAt")
        named = tags(required(change.tags, "$.tags", "an array"))
        known = person(bodies.Customer(id=account), (), (), heard.rules)
        return of_somebody(known.identifiers, kind(named), moment, heard)

    return translate
