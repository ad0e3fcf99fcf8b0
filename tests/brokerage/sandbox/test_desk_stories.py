"""The desk's stories: what each button arms, disarms, or does at once."""

from typing import Any

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.desk_hand import Desk


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench)


def settled(bench: Bench, account: str, relationship: str) -> Any:
    """A deposit that has settled, and the seconds after it in which a plan is carried out."""
    bench.transfer(account, relationship, "9.00")
    for _ in range(12):
        bench.pass_time(2)
    return bench.transfers(account)[0]


@pytest.mark.parametrize(("story", "code"), [("returned", "R01"), ("unauthorized", "R10")])
def test_the_next_deposit_settles_and_comes_back(
    desk: Desk, bench: Bench, account: str, relationship: str, story: str, code: str
) -> None:
    before = settled(bench, account, relationship)
    desk.press(f"stories/{story}", do="arm")

    row = settled(bench, account, relationship)
    statuses = [event["status_to"] for event in bench.state()["events"] if event.get("entity_id") == row["id"]]

    assert (row["status"], row["reason"][:3]) == ("RETURNED", code)
    assert statuses == ["QUEUED", "SENT_TO_CLEARING", "COMPLETE", "RETURNED"]
    assert {each["id"]: each["status"] for each in bench.transfers(account)}[before["id"]] == "COMPLETE"
    assert "Disarm" not in desk.page("stories/")


def test_the_next_deposit_is_parked_until_somebody_settles_it(
    desk: Desk, bench: Bench, account: str, relationship: str
) -> None:
    desk.press("stories/unheard", do="arm")

    row = settled(bench, account, relationship)
    page = desk.press(f"transfers/{row['id']}", do="settle")

    assert row["status"] == "PARKED"
    assert "COMPLETE" in page


def test_old_news_are_told_again_the_last_step_first(desk: Desk, bench: Bench, account: str, relationship: str) -> None:
    desk.press("stories/news", do="arm")

    row = settled(bench, account, relationship)
    news = [event for event in bench.state()["events"] if event.get("entity_id") == row["id"]]

    told = [event["status_to"] for event in news]
    assert told == ["QUEUED", "SENT_TO_CLEARING", "COMPLETE", "COMPLETE", "SENT_TO_CLEARING", "QUEUED"]
    assert [event["at"] for event in news[3:]] == [event["at"] for event in reversed(news[:3])]


def test_a_story_can_be_disarmed(desk: Desk, bench: Bench) -> None:
    for story in ("lost", "returned", "rejected"):
        armed = desk.press(f"stories/{story}", do="arm")
        disarmed = desk.press(f"stories/{story}", do="disarm")

        assert (armed.count(">Disarm<"), disarmed.count(">Disarm<")) == (1, 0)

    assert bench.state()["faults"] == []
    assert bench.state()["settings"]["reject_name_mismatch"] is False


def test_a_transfer_is_made_elsewhere_for_whoever_was_approved(
    desk: Desk, bench: Bench, account: str, relationship: str
) -> None:
    assert "made at the broker" in desk.press("stories/elsewhere", do="arm")
    assert [row["amount"] for row in bench.transfers(account)] == ["75.00"]


def test_a_transfer_elsewhere_needs_somebody(desk: Desk) -> None:
    assert "nobody whose bank account is approved" in desk.press("stories/elsewhere", do="arm")


def test_the_stories_lead_to_the_site_and_nowhere_else(desk: Desk, bench: Bench) -> None:
    bench.control("settings", site_url="http://127.0.0.1:8300/")
    there = desk.page("stories/")
    bench.control("settings", site_url="javascript:alert(1)")

    assert 'href="http://127.0.0.1:8300/deposit/"' in there
    assert "javascript:" not in desk.page("stories/")


# --- What happens to a login ------------------------------------------------------------------------------------------


def link_through_plaid(bench: Bench, **person: Any) -> str:
    """The access token behind a customer's approved bank account."""
    account_id, login = bench.open_account(**person), bench.bank_login()
    made = bench.plaid(
        "processor/token/create", access_token=login.access_token, account_id=login.account_id, processor="alpaca"
    ).json()
    form = {"processor_token": made["processor_token"]}
    bench.broker("POST", f"v1/accounts/{account_id}/ach_relationships", json=form)
    bench.pass_time(2)
    return login.access_token


def trouble(bench: Bench, access_token: str) -> str | None:
    error = bench.plaid("item/get", access_token=access_token).json()["item"]["error"]
    return error["error_code"] if error else None


@pytest.mark.parametrize(("story", "code"), [("expired", "ITEM_LOGIN_REQUIRED"), ("left", "USER_PERMISSION_REVOKED")])
def test_it_happens_to_whoever_was_approved_last(desk: Desk, bench: Bench, story: str, code: str) -> None:
    ada, grace = link_through_plaid(bench), link_through_plaid(bench, given_name="Grace", family_name="Hopper")
    bench.bank_login()  # somebody who has not come as far as the broker
    announced = desk.page("stories/")

    once = desk.press(f"stories/{story}", do="arm")
    after_one = trouble(bench, ada), trouble(bench, grace)
    twice = desk.press(f"stories/{story}", do="arm")
    thrice = desk.press(f"stories/{story}", do="arm")

    assert announced.count("It would happen to Grace Hopper, account ending 0000.") == 2
    assert once.count("It has happened to Grace Hopper, account ending 0000. It would happen next to Ada Byron") == 1
    assert after_one == (None, code)
    assert (trouble(bench, ada), trouble(bench, grace)) == (code, code)
    assert "to Grace Hopper, account ending 0000 and to Ada Byron, account ending 0000. There is nobody else." in twice
    assert "no bank account that is approved has a login that is well" in thrice


def test_what_was_linked_by_hand_has_no_login(desk: Desk, bench: Bench, relationship: str) -> None:
    assert desk.page("stories/").count("There is nobody yet to whom it could happen") == 2
