"""A profile tells its stage as of the instant that is asked about, without anybody's help."""

from tests.api.lifecycle.year import DAY, Year, said

ADA = "ada@shop.example"


def test_a_profile_tells_its_stage_and_when_that_will_end(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    assert year.lifecycle(ada) == {
        "stage": "converted",
        "since": said(year.start),
        "next_change_at": said(year.start + 30 * DAY),
    }


def test_it_is_right_though_nothing_has_run_since(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.pass_days(90.1)
    assert year.lifecycle(ada) == {
        "stage": "churned",
        "since": said(year.start + 90 * DAY),
        "next_change_at": None,
    }


def test_an_earlier_instant_has_its_own_stage(year: Year) -> None:
    ada = year.ordered(ADA, year.start - 50 * DAY)
    year.ordered(ADA, year.start - DAY)
    assert year.lifecycle(ada)["stage"] == "loyal"
    then = said(year.start - 10 * DAY)
    assert year.lifecycle(ada, f"?at={then}") == {
        "stage": "at_risk",
        "since": said(year.start - 20 * DAY),
        "next_change_at": said(year.start + 40 * DAY),
    }


def test_a_preview_of_a_merge_tells_the_stage_of_both(year: Year) -> None:
    pair = [year.ordered(mail, year.start) for mail in (ADA, "bob@shop.example")]
    asked = {"survivor": pair[0], "absorbed": pair[1]}
    united = year.store.post("/v1/merges?preview=true", asked).json()["united"]
    assert united["lifecycle"]["stage"] == "loyal"


def test_no_client_may_say_which_stage_it_is(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    body = {"type": "RecordStage", "id": "1", "profile": {"id": ada}, "at": said(year.start)}
    refused = year.store.post("/v1/commands", body)
    assert refused.status == 422
    assert refused.fields() == {"type"}
