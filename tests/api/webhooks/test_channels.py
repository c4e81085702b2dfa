"""Where orders are placed and what brought the shopper."""

import pytest

from api.webhooks.shopify.channels import acquisition, channel


@pytest.mark.parametrize(
    ("source_name", "where"),
    [
        ("pos", "pos"),
        ("129785", "pos"),
        ("web", "online"),
        ("shopify_draft_order", "online"),
        ("iphone", "online"),
        ("android", "online"),
        ("", "online"),
        (None, "online"),
        ("amazon-us", "marketplace"),
        ("2329312", "marketplace"),
    ],
)
def test_a_source_name_is_one_of_three_channels(source_name: str | None, where: str) -> None:
    assert channel(source_name) == where


@pytest.mark.parametrize(
    ("landing_site", "referring_site", "brought_by"),
    [
        (None, None, None),
        ("", "", None),
        ("/", None, "direct"),
        ("/?utm_source=Spring+News&x=1", "https://www.google.com/", "spring news"),
        ("/?x=1&utm_source=google#top", None, "google"),
        ("/?not_utm_source=google", None, "direct"),
        ("/?utm_source=https%3A%2F%2Fblog.lane.shop%2Fada", None, "blog.lane.shop"),
        ("/?utm_source=ada%40lane.shop", None, "direct"),
        ("/products/1", "https://www.google.com/search?q=ada+lane", "google.com"),
        ("/", "https://ada:secret@lane.shop:8080/x", "lane.shop"),
        (None, "m.facebook.com/l.php?u=1", "m.facebook.com"),
        (None, "android-app://com.google.android.gm/", "com.google.android.gm"),
        ("/", "http://[", "direct"),
        ("/", "ada@lane", "direct"),
        ("/?utm_source=" + "x" * 300, None, "x" * 100),
    ],
)
def test_a_campaign_outweighs_a_host_and_a_host_outweighs_direct(
    landing_site: str | None, referring_site: str | None, brought_by: str | None
) -> None:
    assert acquisition(landing_site, referring_site) == brought_by
