"""The operator's routes: only for the token, imports line by line."""

import json

import pytest

from actors.signals import Busy
from tests.api.intake.test_hooks import ORDER
from tests.api.sentences import SHOP, Api, code_of, lines

IMPORT = f"/imports/shopify-orders?shop={SHOP}"


@pytest.mark.parametrize(
    "path", ["/admin/dead-letters", "/admin/imports/shopify-orders", "/admin/dead-letters/retry"]
)
def test_only_the_operator_may_enter(api: Api, path: str) -> None:
    method = "GET" if path == "/admin/dead-letters" else "POST"
    for key in (None, "guess", api.shop.live.api_key, "täuschung"):
        headers = {} if key is None else {"Authorization": f"Bearer {key}".encode()}
        response = api.send(method, path, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")


def test_orders_are_imported_line_by_line(api: Api) -> None:
    other = ORDER | {"id": 2, "name": "#1002"}
    sent = "\n".join([json.dumps(ORDER), "{", json.dumps(other), '{"id": 3}'])
    first = lines(api.admin("POST", IMPORT, content=sent))
    assert [line["status"] for line in first] == [200, 422, 200, 422]
    assert first[0]["duplicate"] is False
    assert "orders.placed" in first[0]["events"]
    assert first[1]["code"] == "untranslatable"
    assert {signal.source.kind for signal in api.memory.signals} == {"import"}
    again = lines(api.admin("POST", IMPORT, content=sent))
    assert [line.get("duplicate") for line in again] == [True, None, True, None]


def test_an_import_into_a_busy_server_is_to_be_repeated(api: Api) -> None:
    api.memory.answers = lambda _: Busy(2)
    response = api.admin("POST", IMPORT, content=json.dumps(ORDER))
    assert code_of(response) == (503, "busy")


def test_an_import_needs_a_shop_and_lines(api: Api) -> None:
    path = "/imports/shopify-orders"
    assert code_of(api.admin("POST", f"{path}?shop=x", content="{}")) == (404, "unknown_shop")
    assert code_of(api.admin("POST", f"{path}?shop=%00", content="{}")) == (404, "unknown_shop")
    assert code_of(api.admin("POST", path, content="{}")) == (422, "invalid")
    assert code_of(api.admin("POST", IMPORT, content="")) == (400, "empty")
    assert code_of(api.admin("POST", IMPORT, content="{}\n" * 501)) == (413, "too_many_lines")
