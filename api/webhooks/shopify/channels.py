"""Where an order was placed, and what brought the shopper there."""

import re
from urllib.parse import unquote_plus

from aggregates.profile.decisions.orders import Channel

# Shopify reserves these; 129785 is the app id of its point of sale
_POS = {"pos", "129785"}
_ONLINE = {"web", "shopify_draft_order", "iphone", "android"}
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")
MAX_SOURCE = 100
DIRECT = "direct"


def channel(source_name: str | None) -> Channel:
    """Any other name, or the numeric id of an app, is a marketplace's."""
    if not source_name or source_name in _ONLINE:
        return "online"
    return "pos" if source_name in _POS else "marketplace"


def acquisition(landing_site: str | None, referring_site: str | None) -> str | None:
    """The campaign's source, else the referring host, else `direct` where a visit is known.

    Never a whole URL: they carry names, addresses and secrets.
    """
    return (
        _utm_source(landing_site)
        or (_host(referring_site) if referring_site else None)
        or (DIRECT if landing_site else None)
    )


def _utm_source(landing_site: str | None) -> str | None:
    if not landing_site or "utm_source=" not in landing_site:
        return None
    query = landing_site.partition("?")[2].partition("#")[0]
    value = f"&{query}".partition("&utm_source=")[2].partition("&")[0]
    source = unquote_plus(value).replace("\x00", "").strip().lower()
    if "/" in source:
        return _host(source)
    return source[:MAX_SOURCE] if source and "@" not in source else None


def _host(url: str) -> str | None:
    rest = url.partition("://")[2] or url
    for mark in "/?#":
        rest = rest.partition(mark)[0]
    host = rest.rpartition("@")[2].partition(":")[0].lower().removeprefix("www.")
    return host if len(host) <= MAX_SOURCE and _HOST.fullmatch(host) else None
