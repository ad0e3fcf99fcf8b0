"""Webhooks that something is wrong with, while the keys change: turned away, sent again sound, and written down."""

from collections.abc import Iterator
from typing import Any

import plaid
import pytest

from brokerage.sandbox.settings import MISCHIEF
from tests.brokerage.sandbox.bench import Bench
from tests.brokerage.sandbox.desk_hand import Desk
from tests.brokerage.sandbox.plaid_client import client, item
from tests.brokerage.sandbox.plaid_receiver import Receiver, Untrusted, receiving, verify
from tests.harness.waiting import eventually

HARMLESS = ("duplicate", "out_of_order")


@pytest.fixture
def api(bench: Bench) -> Any:
    return client(bench.url)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def access(api: Any, receiver: Receiver) -> dict[str, str]:
    """An Item whose news come to the receiver."""
    return item(api, webhook=receiver.url)


def deliveries(bench: Bench, count: int, message: int = 0) -> list[tuple[str | None, str | None, str]]:
    """Mischief, key and answer of every attempt at a message, once so many are noted."""

    def noted() -> Any:
        log = bench.session.get(f"{bench.url}/control/plaid/webhooks", timeout=5).json()["messages"]
        return log[message]["deliveries"] if len(log[message]["deliveries"]) == count else None

    return [(each["mischief"], each["kid"], each["answer"]) for each in eventually(noted)]


def rotate(bench: Bench) -> list[str]:
    """The ids of all keys, after there is a new one."""
    return [key["kid"] for key in bench.control("plaid/webhook-keys", action="rotate")["keys"]]


@pytest.mark.parametrize("mischief", [word for word in MISCHIEF if word not in HARMLESS])
def test_what_is_turned_away_comes_again_under_the_new_key(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str], mischief: str
) -> None:
    receiver.statuses[:] = [401]
    bench.control("settings", webhook_mischief=[mischief])
    api.sandbox_item_reset_login(access)

    with pytest.raises((Untrusted, plaid.ApiException)):
        verify(api, receiver.next())
    first = deliveries(bench, 1)
    keys = rotate(bench)
    bench.pass_time(30)

    assert verify(api, receiver.next())["webhook_code"] == "ERROR"
    assert [(said, answer) for said, _, answer in first] == [(mischief, "401")]
    assert deliveries(bench, 2)[1] == (None, keys[-1], "200")


@pytest.mark.parametrize(
    ("mischief", "names_the_key"), [("stale_iat", True), ("unknown_kid", False), ("no_signature", False)]
)
def test_the_log_names_the_key_that_the_signature_names(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str], mischief: str, names_the_key: bool
) -> None:
    keys = rotate(bench)
    bench.control("settings", webhook_mischief=[mischief])
    api.sandbox_item_reset_login(access)
    receiver.next()

    ((_, kid, _),) = deliveries(bench, 1)

    assert (kid == keys[-1]) is names_the_key
    assert (kid is None) is (mischief == "no_signature")


def test_both_copies_are_sound_and_noted(bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]) -> None:
    (kid,) = rotate(bench)
    bench.control("settings", webhook_mischief=["duplicate"])
    api.sandbox_item_reset_login(access)

    copies = [receiver.next(), receiver.next()]

    assert [verify(api, copy)["webhook_code"] for copy in copies] == ["ERROR", "ERROR"]
    assert copies[0].signature == copies[1].signature
    assert deliveries(bench, 2) == [("duplicate", kid, "200")] * 2


def test_what_was_overtaken_is_signed_when_it_goes_out(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    bench.control("settings", webhook_mischief=["out_of_order"])
    api.sandbox_item_reset_login(access)
    held = deliveries(bench, 1)
    keys = rotate(bench)
    api.item_webhook_update({**access, "webhook": receiver.url})

    arrivals = [receiver.next(), receiver.next()]

    assert [verify(api, each)["webhook_code"] for each in arrivals] == ["WEBHOOK_UPDATE_ACKNOWLEDGED", "ERROR"]
    assert held == [("out_of_order", None, "held back until the next has gone out")]
    assert deliveries(bench, 2)[1] == (None, keys[-1], "200")


def test_mischief_comes_in_the_order_in_which_it_was_asked_for(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    receiver.statuses[:] = [401, 401]
    bench.control("settings", webhook_mischief=["tampered_body", "stale_iat"])
    api.sandbox_item_reset_login(access)
    for attempt, pause in ((1, 30), (2, 120)):
        receiver.next()
        deliveries(bench, attempt)
        rotate(bench)
        bench.pass_time(pause)
    receiver.next()

    said = [(mischief, answer) for mischief, _, answer in deliveries(bench, 3)]

    assert said == [("tampered_body", "401"), ("stale_iat", "401"), (None, "200")]


def test_the_desk_says_what_was_done_to_a_webhook(
    bench: Bench, api: Any, receiver: Receiver, access: dict[str, str]
) -> None:
    bench.control("settings", webhook_mischief=["reformatted_body"])
    api.sandbox_item_reset_login(access)
    receiver.next()
    deliveries(bench, 1)

    assert "Mischief was done to it: reformatted_body" in Desk(bench).page("log/")


def test_no_other_mischief_is_known(bench: Bench) -> None:
    answer = bench.session.post(f"{bench.url}/control/settings", json={"webhook_mischief": ["rhyme"]}, timeout=5)

    assert answer.status_code == 400
    assert "unknown_kid" in answer.json()["error"]
