"""E-mail addresses as people write them, and the one form in which they meet."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregates.profile.identifiers import is_normal
from api.recognition.emails import email, relayed


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ada@lane.shop", "ada@lane.shop"),
        (" Ada@Lane.SHOP\n", "ada@lane.shop"),
        ("ada+news@lane.co.uk", "ada+news@lane.co.uk"),
        ("a.d.a@gmail.com", "a.d.a@gmail.com"),
        ("o'brien@lane.ie", "o'brien@lane.ie"),
        ("ada＠lane．shop", "ada@lane.shop"),  # noqa: RUF001 - full width
        ("ada@münchen.de", "ada@xn--mnchen-3ya.de"),
        ("ada@MÜNCHEN.de", "ada@xn--mnchen-3ya.de"),
        ("ada@xn--mnchen-3ya.de", "ada@xn--mnchen-3ya.de"),
        ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("Jörg@Lane.shop", "jörg@lane.shop"),
        ("jo\u0308rg@lane.shop", "jörg@lane.shop"),
        ("ada..x@docomo.ne.jp", "ada..x@docomo.ne.jp"),
        ("ada.@ezweb.ne.jp", "ada.@ezweb.ne.jp"),
        ("-ada-@lane.shop", "-ada-@lane.shop"),
        ("ada@lane.test", "ada@lane.test"),
    ],
)
def test_an_address_has_one_written_form(written: str, normal: str) -> None:
    assert email(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        *("", "ada", "ada@", "@lane.shop", "ada@lane", "ada@localhost", "ada@127.0.0.1"),
        *("a da@lane.shop", "ada@la ne.shop", "ada@@lane.shop", "ada@lane@shop.example"),
        *("ada@lane..shop", "ada@.lane.shop", "ada@lane.shop.", "ada@-lane.shop", "ada@lane-.shop"),
        *("ada@lane.shop, bob@lane.shop", "Ada Lane <ada@lane.shop>", "mailto:ada@lane.shop"),
        *("ada@lane.shop\x00", "ada\n@lane.shop", '"ada lane"@lane.shop', "ada@[10.0.0.1]"),
        *("jörg@", "jörg@lane", "jö rg@lane.shop", "jörg@la_ne.shop", "ada@\u200b.shop"),
        *("a" * 65 + "@lane.shop", "ada@" + "a" * 64 + ".shop", "ada@" + "lane." * 60 + "shop"),
        "ﬃ" * 200 + "@lane.shop",
    ],
)
def test_what_reaches_no_mailbox_is_no_address(written: str) -> None:
    assert email(written) is None


@settings(deadline=None)
@given(st.emails() | st.text() | st.text(max_size=20).map(lambda local: f"{local}@lane.shop"))
@example("İ@lane.shop")
@example("ada@ǅ.shop")
@example("\ud800@lane.shop")
def test_any_text_has_a_form_of_its_own_or_none(written: str) -> None:
    normal = email(written)
    assert normal is None or (email(normal) == normal and is_normal("email", normal))


@settings(deadline=None)
@given(st.emails())
def test_shift_keys_and_blanks_make_no_other_address(written: str) -> None:
    assert email(f" {written.upper()} ") == email(written)


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("h6rcsgx4h4r3vgm@marketplace.amazon.de", "amazon:h6rcsgx4h4r3vgm"),
        ("h6rcsgx4h4r3vgm@marketplace.amazon.co.uk", "amazon:h6rcsgx4h4r3vgm"),
        ("41da5d0b8e3@members.ebay.com", "ebay:41da5d0b8e3"),
        ("ada@marketplace.amazon.attacker.example", None),
        ("ada@amazon.de", None),
        ("ada@my-members.ebay.com", None),
        ("ada@mail.example", None),
    ],
)
def test_a_relay_address_is_an_account_at_the_marketplace(
    address: str, account: str | None
) -> None:
    assert relayed(address) == account
