"""A shop's settings over HTTP: read, changed in part or whole, refused by field, remembered."""

import pytest

from aggregates.shop.identity_rules import MAX_BLOCKED, MAX_ROLE_NAMES, ROLE_NAMES
from api.shops.asked import REGIONS
from tests.api.sentences import code_of, faults
from tests.api.shops.settling import PATH, Owner


def test_who_has_set_nothing_reads_what_is_usual(owner: Owner) -> None:
    told = owner.reads()
    assert (told["version"], told["changed_at"]) == (0, None)
    assert told["identity"]["limits"]["email"] == 5
    assert told["identity"]["role_names"] == sorted(ROLE_NAMES)
    assert told["identity"]["country"] is None
    assert owner.api.get(PATH).headers["etag"] == '"0"'


def test_what_is_left_out_stays_as_it_is(owner: Owner) -> None:
    before = owner.wants(limits={"email": 2}, country="DE")["identity"]
    told = owner.wants(limits={"phone": 3})
    assert told["identity"] == before | {"limits": before["limits"] | {"phone": 3}}
    assert (told["version"], told["changed_at"]) == (2, "2026-11-21T12:00:00Z")
    assert owner.reads() == told


def test_the_whole_can_be_put_back_as_it_was_read(owner: Owner) -> None:
    whole = owner.wants(country="DE")
    whole["identity"]["country"] = None
    whole["identity"]["alarms"]["phone"] = 9
    answer = owner.put(whole)
    assert answer.json() == whole | {"version": 2}
    assert answer.headers["etag"] == '"2"'


@pytest.mark.parametrize(
    "body", [{}, {"identity": {}}, {"identity": {"limits": {"email": 5}}}, {"reason": "none"}]
)
def test_what_is_so_already_makes_no_version(owner: Owner, body: object) -> None:
    assert owner.put(body).json()["version"] == 0
    assert owner.history()["items"] == []


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        ({"identity": {"limits": {"email": 0}}}, "identity.limits.email", ">= 1"),
        ({"identity": {"limits": {"email": 1001}}}, "identity.limits.email", "<= 1000"),
        ({"identity": {"alarms": {"phone": 1}}}, "identity.alarms.phone", ">= 2"),
        ({"identity": {"limits": {"email": "5"}}}, "identity.limits.email", "Expected `int`"),
        ({"identity": {"gmail_equal": 1}}, "identity.gmail_equal", "Expected `bool`"),
        ({"identity": None}, "identity", "Expected `object`"),
        ({"identity": {"limits": {"emails": 5}}}, "identity.limits.emails", "not a known"),
        ({"weather": "fine"}, "weather", "not a known member"),
        ({"identity": {"country": "ZZ"}}, "identity.country", "such as DE"),
        ({"identity": {"country": "de"}}, "identity.country", "^[A-Z]{2}"),
        ({"identity": {"blocked": ["*@no domain"]}}, "identity.blocked[0]", "matching regex"),
        ({"identity": {"blocked": ["*@-"]}}, "identity.blocked", "such as *@shop.example"),
        ({"identity": {"role_names": ["A"]}}, "identity.role_names[0]", "matching regex"),
        ({"reason": "x" * 501}, "reason", "<= 500"),
        ({"lifecycle": {"at_risk_days": 90}}, "lifecycle.at_risk_days", "lifecycle.churned_days"),
        ({"messaging": {"daily_cap": -1}}, "messaging.daily_cap", ">= 0"),
        ({"messaging": {"quiet_hours": {"end": "24:00"}}}, "messaging.quiet_hours.end", "regex"),
        ({"messaging": {"quiet_hours": {"regions": {"UK": {}}}}}, f"{REGIONS}.UK", "such as GB"),
        ({"messaging": {"quiet_hours": {"regions": {"US-FLA": {}}}}}, f"{REGIONS}.US-FLA", "US-FL"),
        (
            {"messaging": {"quiet_hours": {"regions": {"DE": {}, "FR": {"end": "8"}}}}},
            f"{REGIONS}.FR.end",
            "matching regex",
        ),
        (
            {"messaging": {"quiet_hours": {"regions": {"FR": {"days": ["dimanche"]}}}}},
            f"{REGIONS}.FR.days[0]",
            "sunday",
        ),
        (
            {"messaging": {"quiet_hours": {"regions": {"FR": {"to": "8"}}}}},
            f"{REGIONS}.FR.to",
            "known",
        ),
        ({"messaging": {"quiet_hours": {"regions": {"FR": 8}}}}, f"{REGIONS}.FR", "object"),
        (
            {"messaging": {"quiet_hours": {"regions": {"FR": {"dates": ["2026-02-29"]}}}}},
            f"{REGIONS}.FR.dates",
            "2026-02-29 is in no calendar",
        ),
        ({"clock": {"time_zone": "Mars/Base"}}, "clock.time_zone", "such as Europe/Berlin"),
        (b'{"reason": "one", "reason": "two"}', "reason", "more than once"),
    ],
)
def test_what_cannot_be_is_named(owner: Owner, body: object, field: str, problem: str) -> None:
    answer = owner.put(body)
    assert code_of(answer) == (422, "invalid")
    ((named, said),) = faults(answer).items()
    assert named == field
    assert problem in said
    assert owner.reads()["version"] == 0


def test_one_mistake_leaves_everything_as_it_was(owner: Owner) -> None:
    owner.put({"identity": {"limits": {"email": 2}, "country": "ZZ"}})
    assert owner.reads()["identity"]["limits"]["email"] == 5


@pytest.mark.parametrize(
    ("member", "most"), [("blocked", MAX_BLOCKED), ("role_names", MAX_ROLE_NAMES)]
)
def test_a_list_may_be_as_long_as_is_said_and_no_longer(
    owner: Owner, member: str, most: int
) -> None:
    names = [f"name-{n:05}" for n in range(most + 1)]
    answer = owner.put({"identity": {member: names}})
    assert code_of(answer) == (422, "invalid")
    ((named, said),) = faults(answer).items()
    assert (named, str(most) in said) == (f"identity.{member}", True)
    told = owner.put({"identity": {member: names[:most]}}).json()
    assert told["identity"][member] == names[:most]


def test_what_is_no_json_is_told_so(owner: Owner) -> None:
    assert code_of(owner.put(b"{")) == (400, "malformed_json")


@pytest.mark.parametrize("tag", ['"1"', '"7", "1"', "*"])
def test_who_has_read_the_newest_may_change_it(owner: Owner, tag: str) -> None:
    owner.wants(limits={"email": 2})
    answer = owner.put({"identity": {"limits": {"email": 3}}}, If_Match=tag)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')


@pytest.mark.parametrize("tag", ['"0"', '"7"', 'W/"1"', '"x"'])
def test_who_has_not_is_told_to_read_again(owner: Owner, tag: str) -> None:
    owner.wants(limits={"email": 2})
    answer = owner.put({"identity": {"limits": {"email": 3}}}, If_Match=tag)
    assert code_of(answer) == (409, "settings_changed")
    assert "version 1" in answer.json()["detail"]
    assert owner.reads()["identity"]["limits"]["email"] == 2


def test_the_version_in_the_body_says_the_same(owner: Owner) -> None:
    read = owner.reads()
    owner.wants(limits={"email": 2})
    assert code_of(owner.put(read)) == (409, "settings_changed")
    body = {"identity": {"limits": {"email": 3}}, "version": 1}
    assert code_of(owner.put(body, If_Match='"0"')) == (409, "settings_changed")
    assert owner.put(body, If_Match='"1"').status_code == 200


def test_a_tag_that_is_none_is_named(owner: Owner) -> None:
    answer = owner.put({}, If_Match="1")
    assert "If-Match" in faults(answer)


def test_settings_are_changed_only_by_who_may_administer(owner: Owner) -> None:
    reader, writer = owner.key("read"), owner.key("read", "write")
    assert owner.reads(reader)["version"] == 0
    for key in (reader, writer):
        assert code_of(owner.put({}, key=key)) == (403, "forbidden")
    assert code_of(owner.api.get(PATH, owner.key("admin"))) == (403, "forbidden")
    assert code_of(owner.api.send("PUT", PATH)) == (401, "unauthorized")


def test_the_sandbox_has_settings_of_its_own(owner: Owner) -> None:
    sandbox = owner.shop.sandbox.api_key
    owner.wants(limits={"email": 2})
    assert owner.reads(sandbox)["version"] == 0
    assert owner.reads(sandbox)["identity"]["limits"]["email"] == 5
    owner.put({"identity": {"country": "AT"}}, key=sandbox)
    assert owner.reads()["identity"]["country"] is None
    assert len(owner.history()["items"]) == 1


def test_the_history_tells_who_changed_what_and_why(owner: Owner) -> None:
    owner.wants(limits={"email": 2}, blocked=["till@shop.example"])
    owner.wants(limits={"email": 3}, blocked=["*@shop.example"], reason="nobody has two")
    newest, oldest = owner.history()["items"]
    assert newest == {
        "version": 2,
        "changed_at": "2026-11-21T12:00:00Z",
        "by": f"key:{owner.shop.live.api_key[:22]}",
        "reason": "nobody has two",
        "changes": [
            {
                "field": "identity.blocked",
                "before": ["till@shop.example"],
                "after": ["*@shop.example"],
            },
            {"field": "identity.limits.email", "before": 2, "after": 3},
        ],
    }
    assert (oldest["version"], oldest["reason"]) == (1, None)


def test_the_history_is_read_page_by_page(owner: Owner) -> None:
    for number in range(1, 6):
        owner.wants(limits={"cookie": number})
    first = owner.history(limit=2)
    assert [change["version"] for change in first["items"]] == [5, 4]
    owner.wants(limits={"cookie": 6})  # what comes meanwhile does not shift the pages
    second = owner.history(limit=2, cursor=first["next_cursor"])
    third = owner.history(limit=2, cursor=second["next_cursor"])
    versions = [change["version"] for page in (second, third) for change in page["items"]]
    assert (versions, third["next_cursor"]) == ([3, 2, 1], None)
    wrong = owner.api.get(f"{PATH}/history?cursor=5")
    assert "cursor" in faults(wrong)


def test_what_a_shop_blocks_is_kept_as_it_is_compared(owner: Owner) -> None:
    told = owner.wants(blocked=["Till@Shop.example", "030 1234567"], country="DE")
    assert told["identity"]["blocked"] == ["+49301234567", "till@shop.example"]


def test_a_country_named_later_says_what_a_blocked_number_is(owner: Owner) -> None:
    assert owner.wants(blocked=["030 1234567"])["identity"]["blocked"] == ["030 1234567"]
    assert owner.wants(country="DE")["identity"]["blocked"] == ["+49301234567"]


def test_windows_that_move_together_may_pass_where_the_others_were(owner: Owner) -> None:
    told = owner.put({"lifecycle": {"at_risk_days": 100, "churned_days": 200}}).json()
    assert told["lifecycle"] == {"at_risk_days": 100, "churned_days": 200}
    assert owner.reads()["lifecycle"] == told["lifecycle"]


def test_what_never_comes_into_effect_is_said(owner: Owner) -> None:
    warned = owner.put({"messaging": {"channel_caps": {"sms": 9}}}).json()["warnings"]
    assert (
        "messaging.channel_caps.sms is 9, above daily_cap 3: it never comes into effect" in warned
    )


def in_regions(owner: Owner, **regions: object) -> dict[str, dict[str, object]]:
    """What is said there afterwards."""
    named = {name.replace("_", "-"): hours for name, hours in regions.items()}
    answer = owner.put({"messaging": {"quiet_hours": {"regions": named}}})
    assert answer.status_code == 200, answer.text
    held = answer.json()["messaging"]["quiet_hours"]["regions"]
    return {
        name: {member: said for member, said in hours.items() if said is not None}
        for name, hours in held.items()
    }


def test_quiet_hours_are_set_and_taken_back_region_by_region(owner: Owner) -> None:
    in_regions(owner, FR={"start": "22:00", "days": ["sunday"]})
    assert in_regions(owner, US_FL={"start": "20:00"}, FR={"end": "08:00"}) == {
        "FR": {"start": "22:00", "end": "08:00", "days": ["sunday"]},
        "US-FL": {"start": "20:00"},
    }
    assert in_regions(owner, FR={"days": None}, US_FL=None, DE=None) == {
        "FR": {"start": "22:00", "end": "08:00"}
    }
    (change,) = owner.history()["items"][1]["changes"][:1]
    assert change == {
        "field": "messaging.quiet_hours.regions.FR",
        "before": {"start": "22:00", "days": ["sunday"]},
        "after": {"start": "22:00", "end": "08:00", "days": ["sunday"]},
    }
    assert owner.put(owner.reads()).json()["version"] == 3
