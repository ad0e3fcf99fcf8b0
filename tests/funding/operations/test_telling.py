"""Customers are told what becomes of a transfer: each outcome once, in the transaction of the change, and nothing else.

The broker is the sandbox, asked through the real operations; only news of the stream is made up.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from brokerage.gateways.errors import Refused
from funding import states
from funding.models import ACHRelationship, Transfer
from funding.notice_wording import Kind
from funding.operations import (
    canceling,
    left_behind,
    outcomes,
    resolving,
    returns,
    risk,
    settlement,
    telling,
    transfers,
)
from tests import make
from tests.funding.standing import (
    IN,
    OUT,
    SENDER,
    Clocks,
    Customer,
    at_once,
    event,
    fault,
    in_doubt,
    lost,
    open_customer,
    read_anew,
    work,
)
from tests.harness.sandbox import Sandbox


def told(of: Transfer) -> list[str]:
    """Return the kinds of what was told of a transfer, in their order."""
    keys = of.user.notices.filter(key__startswith=f"transfer {of.pk} ").order_by("created_at")
    return list(keys.values_list("kind", flat=True))


def news(of: Transfer, status: str, minutes: int = 0, **more: Any) -> None:
    """Let the stream say it twice, and a list once more."""
    for _ in range(2):
        settlement.apply_event(event(of, status, minutes=minutes, **more))
    settlement.apply(transfer=of, status=status, actor="reconciliation", **more)


NO = {"code": 42210000, "message": "amount must be above $0"}


# --- Our half ---------------------------------------------------------------------------------------------------------


def accepted(ada: Customer) -> Transfer:
    return ada.move("50.00")


def refused(ada: Customer) -> Transfer:
    fault(ada.sandbox, "status", status=422, body=NO)
    return ada.move("50.00")


def not_sent(ada: Customer) -> Transfer:
    fault(ada.sandbox, "rate_limited")
    return ada.move("50.00")


def in_the_dark(ada: Customer) -> Transfer:
    return lost(ada)


def canceled_before_it_was_sent(ada: Customer) -> Transfer:
    transfer = ada.ask("50.00")
    canceling.cancel(transfer=transfer, actor="customer")
    return transfer


def bank_not_approved(ada: Customer) -> Transfer:
    ACHRelationship.objects.update(status=states.QUEUED)
    transfer = ada.ask("50.00")
    ACHRelationship.objects.update(status=states.REJECTED, ended_at=timezone.now())
    for _ in range(2):
        left_behind.give_up_stranded()
    return transfer


def declined(ada: Customer) -> Transfer:
    fault(ada.sandbox, "status", "POST /plaid/accounts/balance/get", times=9, status=500)
    return ada.move("50.00")


def held(ada: Customer, settings: Any) -> Transfer:
    settings.RISK_DEPOSITS_PER_DAY = 0
    return ada.move("50.00")


def held_and_allowed(ada: Customer, settings: Any) -> Transfer:
    transfer = held(ada, settings)
    risk.allow_held(transfer=transfer, because="looked at", person=make.user("ops@example.com"))
    transfers.send(transfer=read_anew(transfer), sender=SENDER)
    return transfer


def held_and_declined(ada: Customer, settings: Any) -> Transfer:
    transfer = held(ada, settings)
    risk.decline_held(transfer=transfer, because="looked at", person=make.user("ops@example.com"))
    return transfer


def frozen(ada: Customer) -> Transfer:
    transfer = ada.ask("50.00")
    returns.freeze_by_hand(account=ada.account, because="a letter", person=make.user("ops@example.com"))
    return transfer


def another_direction(ada: Customer) -> Transfer:
    fault(ada.sandbox, "patch_after_commit", patch={"direction": OUT})
    return ada.move("50.00")


OURS: dict[Callable[..., Transfer], tuple[str, list[str]]] = {
    accepted: (states.ACCEPTED, [Kind.SENT]),
    refused: (states.REFUSED, [Kind.REFUSED]),
    not_sent: (states.NOT_SENT, [Kind.NOT_SENT]),
    in_the_dark: (states.UNKNOWN, []),
    canceled_before_it_was_sent: (states.WITHDRAWN, [Kind.CANCELED]),
    bank_not_approved: (states.WITHDRAWN, [Kind.CANCELED]),
    declined: (states.DECLINED, [Kind.DECLINED]),
    held: (states.HELD, [Kind.HELD]),
    held_and_allowed: (states.ACCEPTED, [Kind.HELD, Kind.SENT]),
    held_and_declined: (states.DECLINED, [Kind.HELD, Kind.DECLINED]),
    frozen: (states.WITHDRAWN, [Kind.CANCELED]),
    another_direction: (states.REVIEW, []),
}


@pytest.mark.parametrize("way", OURS, ids=lambda way: way.__name__)
def test_a_customer_hears_how_their_request_went(ada: Customer, way: Callable[..., Transfer], settings: Any) -> None:
    sending, kinds = OURS[way]

    transfer = way(ada, settings) if "settings" in way.__code__.co_varnames else way(ada)

    assert read_anew(transfer).sending == sending
    assert told(transfer) == [Kind.REQUESTED, *kinds]


def test_one_confirmed_twice_is_told_once(ada: Customer) -> None:
    transfer = ada.ask("50.00")

    transfers.request_transfer(
        user=ada.user,
        account=ada.account,
        direction=IN,
        amount=transfer.amount,
        form_key=transfer.form_key,  # type: ignore[arg-type]
        visit=make.VISIT,
    )
    for _ in range(2):
        transfers.send(transfer=read_anew(transfer), sender=SENDER)

    assert told(transfer) == [Kind.REQUESTED, Kind.SENT]


# --- The broker's half ------------------------------------------------------------------------------------------------

R01 = "R01 - Insufficient funds"
THEIRS: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "on its way": ([("PENDING", ""), (states.SENT_TO_CLEARING, "")], []),
    "settled": ([(states.SENT_TO_CLEARING, ""), (states.COMPLETE, "")], [Kind.SETTLED]),
    "canceled by the broker": ([(states.CANCELED, "")], [Kind.CANCELED]),
    "rejected": ([(states.REJECTED, "")], [Kind.REFUSED]),
    "expired": ([(states.EXPIRED, "")], [Kind.REFUSED]),
    "returned before settling": ([(states.SENT_TO_CLEARING, ""), (states.RETURNED, R01)], [Kind.RETURNED]),
    "returned after settling": ([(states.COMPLETE, ""), (states.RETURNED, R01)], [Kind.SETTLED, Kind.RETURNED]),
    "an unfamiliar word": ([("TELEPORTED", "")], []),
}


@pytest.mark.parametrize("direction", [IN, OUT])
@pytest.mark.parametrize("case", THEIRS)
def test_a_customer_hears_what_the_broker_says_once(ada: Customer, case: str, direction: str) -> None:
    words, kinds = THEIRS[case]
    transfer = make.transfer(ada.relationship, "50.00", direction=direction)

    for minutes, (status, reason) in enumerate(words):
        news(transfer, status, minutes, reason=reason)
    news(transfer, words[0][0], 0)  # old news, last

    assert told(transfer) == kinds


def test_old_news_is_not_told_after_newer(ada: Customer) -> None:
    transfer = make.transfer(ada.relationship)

    news(transfer, states.RETURNED, 5, reason=R01)
    news(transfer, states.COMPLETE, 1)

    assert told(transfer) == [Kind.RETURNED]


def test_a_withdrawal_that_a_return_called_off_is_told_of(ada: Customer, settings: Any) -> None:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 0
    deposit = make.transfer(ada.relationship, "5000.00", status=states.COMPLETE, settled_at=timezone.now())
    waiting = ada.ask("10.00", OUT)

    news(deposit, states.RETURNED, 5, reason="R10 - not authorized")

    assert told(deposit) == [Kind.RETURNED]
    assert told(waiting) == [Kind.REQUESTED, Kind.CANCELED]
    assert "Your account is frozen" in ada.user.notices.get(kind=Kind.RETURNED).body


@pytest.mark.parametrize(("before", "kinds"), [("", []), (states.QUEUED, [Kind.SETTLED])])
def test_what_was_over_when_we_first_heard_of_it_is_no_news(ada: Customer, before: str, kinds: list[str]) -> None:
    elsewhere = make.transfer(ada.relationship, origin=Transfer.Origin.EXTERNAL, direction=OUT)
    Transfer.objects.filter(pk=elsewhere.pk).update(status=before)

    news(elsewhere, states.COMPLETE)

    assert told(elsewhere) == kinds


def test_what_a_person_has_to_explain_is_not_explained_by_us(ada: Customer) -> None:
    transfer = another_direction(ada)

    news(transfer, states.COMPLETE)

    assert read_anew(transfer).status == states.COMPLETE
    assert told(transfer) == [Kind.REQUESTED]


# --- In doubt ---------------------------------------------------------------------------------------------------------


def test_a_doubt_is_told_of_after_minutes_and_once(clocks: Clocks, ada: Customer) -> None:
    transfer = in_doubt(ada.relationship)
    heard = []

    for seconds in (0, 290, 20, 3600):
        clocks.advance(seconds=seconds)
        heard.append(telling.tell_of_long_doubt())

    assert heard == [0, 0, 1, 0]
    assert told(transfer) == [Kind.UNKNOWN_FOR_LONG]


def test_the_worker_tells_of_a_long_doubt(clocks: Clocks, ada: Customer) -> None:
    transfer = in_doubt(ada.relationship)
    clocks.advance(minutes=6)

    for _ in range(2):
        work()

    assert told(transfer) == [Kind.UNKNOWN_FOR_LONG]


@pytest.mark.parametrize(
    "sending", sorted({*states.SENDING_MOVES} - {states.UNKNOWN, states.REVIEW, states.RESERVED, states.HELD})
)
def test_only_a_doubt_is_told_of_as_one(ada: Customer, sending: str) -> None:
    in_doubt(ada.relationship, sending, created_at=timezone.now() - timedelta(hours=1))

    assert telling.tell_of_long_doubt() == 0


@pytest.mark.parametrize("long", [False, True])
def test_one_that_was_found_is_told_of_as_what_was_said_before(clocks: Clocks, ada: Customer, long: bool) -> None:
    transfer = lost(ada)
    clocks.advance(minutes=6 if long else 1)
    telling.tell_of_long_doubt()
    clocks.advance(seconds=1)

    for _ in range(2):
        resolving.resolve(transfer=read_anew(transfer))

    assert read_anew(transfer).sending == states.ACCEPTED
    assert told(transfer) == [Kind.REQUESTED, *([Kind.UNKNOWN_FOR_LONG, Kind.RESOLVED] if long else [Kind.SENT])]


def test_one_that_was_never_made_is_told_of(clocks: Clocks, ada: Customer) -> None:
    transfer = lost(ada, kind="drop_before_commit")
    sent_at = transfer.attempt.sent_at
    for minutes in (1, 6, 10, 30, 61, 63):
        clocks.go_to(sent_at + timedelta(minutes=minutes))
        make.stream_read(settlement.STREAM, timezone.now(), since=sent_at - timedelta(minutes=1))
        telling.tell_of_long_doubt()
        resolving.resolve(transfer=read_anew(transfer))

    assert read_anew(transfer).sending == states.NOT_CREATED
    assert told(transfer) == [Kind.REQUESTED, Kind.UNKNOWN_FOR_LONG, Kind.RESOLVED]


# --- With the change, or not at all -----------------------------------------------------------------------------------


class Killed(Exception):
    """Stands for a process that dies when it has told, and not committed."""


def dies_when_it_has_told(execute: Any, sql: str, *more: Any) -> Any:
    answer = execute(sql, *more)
    if sql.startswith("INSERT") and "accounts_notice" in sql:
        raise Killed
    return answer


def called_off(ada: Customer) -> None:
    returns.freeze_by_hand(account=ada.account, because="a letter", person=make.user("ops@example.com"))


CHANGES: dict[str, tuple[str, Callable[[Customer, Transfer], Any]]] = {
    "settling": (states.ACCEPTED, lambda ada, deposit: settlement.apply_event(event(deposit, states.COMPLETE))),
    "a return": (
        states.ACCEPTED,
        lambda ada, deposit: settlement.apply_event(event(deposit, states.RETURNED, reason=R01)),
    ),
    "a request": (states.ACCEPTED, lambda ada, deposit: ada.ask("10.00", OUT)),
    "a refusal": (
        states.SENDING,
        lambda ada, deposit: outcomes.record(
            transfer=deposit, to=states.REFUSED, fault=Refused("no", http_status=422), actor="broker"
        ),
    ),
    "a cancellation": (states.RESERVED, lambda ada, deposit: canceling.cancel(transfer=deposit, actor="customer")),
    "a freeze": (states.RESERVED, lambda ada, deposit: called_off(ada)),
    "a bank that was not approved": (
        states.RESERVED,
        lambda ada, deposit: settlement.withdraw_waiting(relationship=ada.relationship),
    ),
    "a person's no": (
        states.HELD,
        lambda ada, deposit: risk.decline_held(transfer=deposit, because="no", person=make.user("ops@example.com")),
    ),
    "a long doubt": (states.UNKNOWN, lambda ada, deposit: telling.tell_of_long_doubt()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_undone_was_not_told(ada: Customer, change: str) -> None:
    sending, happen = CHANGES[change]
    long_ago = timezone.now() - timedelta(hours=1)
    deposit = in_doubt(ada.relationship, sending, created_at=long_ago)
    rows = list(Transfer.objects.values())

    with connection.execute_wrapper(dies_when_it_has_told), pytest.raises(Killed):
        happen(ada, read_anew(deposit))

    assert list(Transfer.objects.values()) == rows
    assert told(deposit) == []


@pytest.mark.django_db(transaction=True)
def test_many_who_hear_the_same_news_tell_it_once(sandbox: Sandbox) -> None:
    ada = open_customer(sandbox)
    transfer = make.transfer(ada.relationship)

    came = at_once(*[lambda: news(transfer, states.COMPLETE)] * 4)

    assert not any(isinstance(each, Exception) for each in came)
    assert told(transfer) == [Kind.SETTLED]
