"""What customers are told: whole sentences, with days, without anything that only ops or a bank should read."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from funding import notice_wording, states
from funding.models import ACHRelationship, Freeze, Transfer
from funding.notice_wording import Kind
from funding.operations import returns
from tests import make
from tests.funding.standing import IN, OUT, in_doubt

NOW = datetime(2026, 11, 24, 15, 52, tzinfo=UTC)  # the Tuesday before Thanksgiving, 10:52 AM in New York
SUNDAY = datetime(2026, 11, 22, 15, 52, tzinfo=UTC)
ENDED = {"ended_at": NOW}
SETTLED: dict[str, Any] = {"status": states.COMPLETE, "settled_at": NOW}
R01: dict[str, Any] = {"status": states.RETURNED, "reason": "R01 - Insufficient funds", "return_code": "R01", **ENDED}


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


@pytest.fixture(autouse=True)
def _tuesday(settings: Settings) -> Any:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5
    with time_machine.travel(NOW, tick=False):
        yield


def told(transfer: Transfer, kind: Kind) -> tuple[str, str]:
    message = notice_wording.of(transfer, kind)
    return message.title, message.body


def moved(bank: ACHRelationship, direction: str = IN, **more: Any) -> Transfer:
    return make.transfer(bank, "1250.00", direction=direction, **({"expected_on": date(2026, 11, 30)} | more))


STORIES: dict[Kind, list[Callable[[ACHRelationship, str], Transfer]]] = {
    Kind.REQUESTED: [lambda bank, way: moved(bank, way, sending=states.RESERVED)],
    Kind.HELD: [lambda bank, way: moved(bank, way, sending=states.HELD)],
    Kind.DECLINED: [lambda bank, way: moved(bank, way, sending=states.DECLINED, **ENDED)],
    Kind.SENT: [moved, lambda bank, way: moved(bank, way, expected_on=None)],
    Kind.SETTLED: [lambda bank, way: moved(bank, way, **SETTLED)],
    Kind.REFUSED: [
        lambda bank, way: moved(bank, way, sending=states.REFUSED, **ENDED),
        lambda bank, way: moved(bank, way, status=states.REJECTED, **ENDED),
        lambda bank, way: moved(bank, way, status=states.EXPIRED, **ENDED),
    ],
    Kind.NOT_SENT: [lambda bank, way: moved(bank, way, sending=states.NOT_SENT, **ENDED)],
    Kind.CANCELED: [
        lambda bank, way: moved(bank, way, sending=states.WITHDRAWN, **ENDED),
        lambda bank, way: moved(bank, way, status=states.CANCELED, **ENDED),
    ],
    Kind.RETURNED: [
        lambda bank, way: moved(bank, way, **R01),
        lambda bank, way: moved(bank, way, **R01, settled_at=NOW),
    ],
    Kind.UNKNOWN_FOR_LONG: [
        lambda bank, way: in_doubt(bank, direction=way),
        lambda bank, way: in_doubt(bank, states.REVIEW, direction=way),
    ],
    Kind.RESOLVED: [moved, lambda bank, way: moved(bank, way, sending=states.NOT_CREATED, **ENDED)],
}
EVERY = [
    pytest.param(kind, story, way, id=f"{kind} {n} {way}")
    for kind, stories in STORIES.items()
    for (n, story), way in product(enumerate(stories), (IN, OUT))
]


def test_every_kind_has_a_story() -> None:
    assert set(STORIES) == set(Kind)


@pytest.mark.parametrize(("kind", "story", "way"), EVERY)
def test_what_is_told_reads_well_and_tells_no_secret(
    bank: ACHRelationship, kind: Kind, story: Callable[..., Transfer], way: str
) -> None:
    transfer = story(bank, way)

    title, body = told(transfer, kind)

    assert ("deposit" if way == IN else "withdrawal") in title
    assert f"{transfer.amount:,.2f}" in title
    assert body.startswith("Bank account: Tartan Bank, ending in 0000.\n")
    assert all(line.endswith(".") and line[0].isupper() for line in body.splitlines())
    assert len(body.splitlines()) >= 2
    assert not re.search(r"\d{5}|None|successfully|invalid|oops|R\d\d|[{}<>]", title + body)
    assert bank.login.access_token not in body


@pytest.mark.parametrize(("kind", "story", "way"), EVERY)
def test_what_was_made_elsewhere_names_no_bank(
    bank: ACHRelationship, kind: Kind, story: Callable[..., Transfer], way: str
) -> None:
    transfer = story(bank, way)
    transfer.relationship, transfer.origin = None, Transfer.Origin.EXTERNAL

    _, body = told(transfer, kind)

    assert body.startswith("Bank account: one that is not linked here.\n")


SAID: dict[str, tuple[Kind, Callable[[ACHRelationship], Transfer], list[str]]] = {
    "asked for": (
        Kind.REQUESTED,
        lambda bank: moved(bank, sending=states.RESERVED),
        ["Bank account: Tartan Bank, ending in 0000.", "If you did not ask for this, write to us at once."],
    ),
    "on its way": (
        Kind.SENT,
        moved,
        ["It arrives in your account by Mon, Nov 30.", "until it leaves for the bank, on Tue, Nov 24 at the latest."],
    ),
    "on its way out": (Kind.SENT, lambda bank: moved(bank, OUT), ["It is at your bank by Mon, Nov 30."]),
    "settled": (Kind.SETTLED, lambda bank: moved(bank, **SETTLED), ["You can withdraw it from Wed, Dec 2 at"]),
    "settled, out": (
        Kind.SETTLED,
        lambda bank: moved(bank, OUT, **SETTLED),
        ["It has left your account.", "If your bank does not show it by Wed, Nov 25, ask them"],
    ),
    "refused": (
        Kind.REFUSED,
        lambda bank: moved(bank, sending=states.REFUSED, reason="maximum number of ACH transfers"),
        ["no money moved.", "It allows one transfer each way per trading day."],
    ),
    "held": (
        Kind.HELD,
        lambda bank: moved(bank, sending=states.HELD),
        ["A person of ours looks at this deposit before it is sent", "You can cancel it meanwhile."],
    ),
    "declined": (
        Kind.DECLINED,
        lambda bank: moved(bank, sending=states.DECLINED, reason="less in the bank account than that"),
        ["there is less in the account than that.", "No money moved."],
    ),
    "called off": (
        Kind.CANCELED,
        lambda bank: moved(bank, OUT, sending=states.WITHDRAWN, reason=returns.OWED),
        ["a deposit came back and its money is missing in your account. No money moved."],
    ),
    "not sent": (
        Kind.NOT_SENT,
        lambda bank: moved(bank, sending=states.NOT_SENT),
        ["nothing left the house; no money moved. Please ask again."],
    ),
    "canceled": (
        Kind.CANCELED,
        lambda bank: moved(bank, sending=states.WITHDRAWN),
        ["It was canceled before it was sent. No money moved.", "You can ask for a new one"],
    ),
    "returned after settling": (
        Kind.RETURNED,
        lambda bank: moved(bank, **R01, settled_at=NOW),
        [
            "there was not enough money in the account. The $1,250.00 left your account again.",
            "If that leaves your cash below $0.00, please deposit what is missing.",
            "You can ask for a new one at any time.",
        ],
    ),
    "in doubt": (
        Kind.UNKNOWN_FOR_LONG,
        in_doubt,
        ["We are confirming this with the broker.", "We expect to know by 11:57 AM EST, and you hear from us then."],
    ),
    "looked at": (
        Kind.UNKNOWN_FOR_LONG,
        lambda bank: in_doubt(bank, states.REVIEW),
        ["A person of ours is looking at it", "You hear from us as soon as we know."],
    ),
    "found": (
        Kind.RESOLVED,
        moved,
        ["it was made, and made once.", "It arrives in your account by Mon, Nov 30."],
    ),
    "never made": (
        Kind.RESOLVED,
        lambda bank: moved(bank, sending=states.NOT_CREATED),
        ["the broker never got it; no money moved. If you still want it, please ask again."],
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_it_says_what_comes_next_and_by_when(bank: ACHRelationship, case: str) -> None:
    kind, story, said = SAID[case]

    _, body = told(story(bank), kind)

    for words in said:
        assert words in body, body


def test_a_deposit_that_is_not_held_can_be_withdrawn_at_once(bank: ACHRelationship, settings: Settings) -> None:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 0

    _, body = told(moved(bank, **SETTLED | {"settled_at": SUNDAY}), Kind.SETTLED)

    assert "you can invest it, or withdraw it." in body


def test_a_return_before_settling_asks_for_no_money(bank: ACHRelationship) -> None:
    _, body = told(moved(bank, **R01), Kind.RETURNED)

    assert "never reached your account" in body
    assert "below $0.00" not in body


def test_a_bank_account_that_was_stopped_is_said_to_be(bank: ACHRelationship) -> None:
    bank.suspend(because="the account is closed", actor="broker")

    _, body = told(moved(bank, **R01), Kind.RETURNED)

    assert "No transfers go through this bank account until that is cleared up." in body
    assert "You can ask for a new one" not in body


def test_a_bank_account_that_gives_no_more_deposits_is_said_to(bank: ACHRelationship) -> None:
    bank.stop_deposits(because="there was not enough money", actor="broker")

    _, body = told(moved(bank, **R01), Kind.RETURNED)

    assert "No deposits go through this bank account until that is cleared up." in body


def test_a_frozen_account_is_said_to_be(bank: ACHRelationship) -> None:
    Freeze.objects.create(brokerage_account=bank.brokerage_account, because="R10", frozen_by="broker")

    _, body = told(moved(bank, **R01), Kind.RETURNED)

    assert "Your account is frozen while we look into it, so no money moves." in body


def test_one_that_waits_for_its_bank_says_so(db: None) -> None:
    queued = make.relationship(make.account(make.user()), status=states.QUEUED)

    _, body = told(moved(queued, sending=states.RESERVED), Kind.REQUESTED)

    assert "It leaves when the broker has approved your bank account" in body


def test_one_whose_bank_was_not_approved_says_what_to_do(db: None) -> None:
    refused = make.relationship(make.account(make.user()), status=states.REJECTED, ended_at=NOW)

    reason = "the bank account was not approved"

    _, body = told(moved(refused, sending=states.WITHDRAWN, reason=reason), Kind.CANCELED)

    assert "did not approve the bank account. No money moved. Link another bank account to go on." in body
