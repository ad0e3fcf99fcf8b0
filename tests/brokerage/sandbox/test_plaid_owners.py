"""Who owns an account: what is read of it, and how much that looks like somebody."""

from typing import Any

import pytest

from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.plaid_client import client, item, processor_token

ALBERTA = "Alberta Bobbeth Charleson"


@pytest.fixture
def api(bench: Bench) -> Any:
    return client(bench.url)


def names(api: Any, access: dict[str, str]) -> list[list[str]]:
    """The names on the first account, one list for each element of its owners."""
    return [owner["names"] for owner in api.identity_get(access)["accounts"][0]["owners"]]


def scores(api: Any, access: dict[str, str], *asked: str) -> list[int]:
    answers = [api.identity_match({**access, "user": {"legal_name": name}}) for name in asked]
    return [answer["accounts"][0]["legal_name"]["score"] for answer in answers]


def test_an_owner_without_a_name_is_whoever_is_asked_about(api: Any) -> None:
    access = item(api, override_username="user_saver")
    token = processor_token(api, access)
    user = {"legal_name": "Nguyễn Thị Ánh"}

    block = api.processor_identity_match({**token, "user": user})["account"]["legal_name"]

    assert scores(api, access, "Maya Okafor", "Ada Byron") == [100, 100]
    assert (block["score"], block["is_first_name_or_last_name_match"], block["is_nickname_match"]) == (100, True, False)


def test_who_wants_to_read_a_name_reads_everybodys(api: Any) -> None:
    access = item(api, override_username="user_saver")

    owners = api.processor_identity_get(processor_token(api, access))["account"]["owners"]

    assert names(api, access) == [[ALBERTA]]
    assert [owner["names"] for owner in owners] == [[ALBERTA]]


def test_a_name_that_is_set_is_compared_as_any(bench: Bench, api: Any) -> None:
    bench.control("settings", item_owner_name="Grace Hopper")
    access = item(api, override_username="user_saver")

    assert names(api, access) == [["Grace Hopper"]]
    assert scores(api, access, "Grace Hopper", "Ada Byron") == [100, 0]


def test_somebody_else_stays_somebody_else(api: Any) -> None:
    access = item(api, override_username="user_other_name")

    assert names(api, access) == [["Somebody Else"]]
    assert scores(api, access, "Maya Okafor") == [0]


def test_two_own_an_account_together(api: Any) -> None:
    access = item(api, override_username="user_joint")

    assert names(api, access) == [[ALBERTA, "Somebody Else"]]
    assert scores(api, access, ALBERTA, "Somebody Else", "Maya Okafor") == [100, 100, 0]


@pytest.mark.parametrize("set_name", ["", "Grace Hopper"])
def test_one_looks_a_bit_like_anybody(bench: Bench, api: Any, set_name: str) -> None:
    bench.control("settings", item_owner_name=set_name)
    access = item(api, override_username="user_near_name")

    assert scores(api, access, "Maya Okafor", "Ada Byron", "Grace Hopper") == [60, 60, 60]


def test_nobody_who_is_not_asked_about_is_scored(api: Any) -> None:
    access = item(api, override_username="user_near_name")

    block = api.identity_match({**access, "user": {}})["accounts"][0]["legal_name"]

    assert block["score"] is None


@pytest.mark.parametrize(
    ("given_name", "family_name", "status"),
    [("Alberta", "Charleson", "APPROVED"), ("Somebody", "Else", "APPROVED"), ("Ada", "Byron", "REJECTED")],
)
def test_the_broker_takes_either_owner(bench: Bench, api: Any, given_name: str, family_name: str, status: str) -> None:
    bench.control("settings", reject_name_mismatch=True)
    account_id = bench.open_account(given_name=given_name, family_name=family_name)
    token = processor_token(api, item(api, override_username="user_joint"))

    bench.broker("POST", f"v1/accounts/{account_id}/ach_relationships", json=token)
    bench.pass_time(2)

    assert bench.state()["relationships"][0]["status"] == status
