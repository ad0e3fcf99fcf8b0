"""A transfer's story: true in every state, the same for its customer and for ops, and every row told of once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount
from brokerage.status import note
from funding import risk_rules, states, timeline, wording
from funding.models import ACHRelationship, Case, Lookup, RiskDecision, SendAttempt, Transfer
from funding.operations import canceling, returns, risk, settlement
from tests import make
from tests.funding.standing import IN, OUT, T0, event, in_doubt

MONDAY = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)  # a banking day, before the cut-off


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def told(transfer: Transfer) -> list[timeline.Entry]:
    return timeline.of(Transfer.objects.for_timeline().get(pk=transfer.pk))


def titles(transfer: Transfer) -> list[str]:
    return [entry.title for entry in told(transfer)]


def present(transfer: Transfer) -> timeline.Entry:
    """Return the one present step."""
    (found,) = [entry for entry in told(transfer) if entry.current]
    return found


def step(transfer: Transfer, title: str) -> timeline.Entry:
    (found,) = [entry for entry in told(transfer) if entry.title == title]
    return found


def decided(transfer: Transfer, outcome: str, actor: str = "risk gate", *reasons: str) -> RiskDecision:
    return RiskDecision.objects.create(
        transfer=transfer,
        actor=actor,
        outcome=outcome,
        rules_version=risk_rules.VERSION,
        reasons=list(reasons),
        inputs={"balance": "900.00", "amount": str(transfer.amount)},
    )


# --- Before it is sent ------------------------------------------------------------------------------------------------


def test_a_deposit_begins_with_the_customers_word(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, "250.00")

    first = told(transfer)[0]

    assert (first.title, first.actor) == ("You asked for this deposit", "You")
    assert "You authorized one debit of $250.00." in first.text


def test_what_waits_for_the_bank_says_so(bank: ACHRelationship) -> None:
    waiting = make.transfer(bank, sending=states.RESERVED)
    ACHRelationship.objects.update(status=states.QUEUED)
    assert present(waiting).title == "Waiting for your bank account"

    ACHRelationship.objects.update(status=states.APPROVED, suspended_at=timezone.now(), suspended_because="closed")
    assert present(waiting).title == "Waiting: your bank account is stopped"
    assert "closed" in wording.of_transfer(Transfer.objects.for_timeline().get()).lede


def test_a_held_one_is_looked_at_and_goes_on(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, sending=states.RESERVED)
    decision = decided(transfer, risk_rules.HOLD, "risk gate", "too much in a week")
    transfer.move_sending(states.HELD, actor="risk gate")

    held = present(transfer)
    assert (held.title, held.actor, held.at) == ("Held for a person to look at", "We", decision.at)
    assert titles(transfer)[-1] == "A person of ours decides"
    assert "too much in a week" not in str(told(transfer))

    risk.allow_held(transfer=transfer, because="known for years", person=make.user("ops@example.com"))
    assert [(entry.title, entry.actor) for entry in told(transfer)[1:3]] == [
        ("Held for a person to look at", "We"),
        ("Looked at", "A person of ours"),
    ]
    assert "known for years" not in str(told(transfer))


@pytest.mark.parametrize("rule", [*risk_rules.DECLINED_BECAUSE, "an unauthorized return before", "Signal: reroute"])
def test_a_declined_one_ends_with_what_the_customer_may_know(bank: ACHRelationship, rule: str) -> None:
    transfer = make.transfer(bank, sending=states.RESERVED)
    decided(transfer, risk_rules.DECLINE, "risk gate", rule)
    transfer.move_sending(states.DECLINED, actor="risk gate", reason=rule)

    last = told(transfer)[-1]

    assert (last.title, last.actor, last.current) == ("Not made", "We", True)
    assert last.text == f"{risk_rules.told_to_customer([rule])} No money moved."
    assert "Signal: " not in last.text


def test_one_that_a_person_declined_says_who(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, sending=states.HELD)

    risk.decline_held(transfer=transfer, because="smells of fraud", person=make.user("ops@example.com"))

    last = told(transfer)[-1]
    assert (last.title, last.actor) == ("Not made", "A person of ours")
    assert "fraud" not in str(told(transfer))


@pytest.mark.parametrize(
    ("because", "actor", "word"),
    [
        (returns.FROZEN, "We", "your account is frozen"),
        (returns.OWED, "We", "its money is missing"),
        (states.NOT_APPROVED, "The broker", "did not approve"),
    ],
)
def test_what_was_called_off_says_by_whom_and_why(bank: ACHRelationship, because: str, actor: str, word: str) -> None:
    transfer = make.transfer(bank, sending=states.RESERVED, direction=OUT)
    transfer.move_sending(states.WITHDRAWN, actor="broker", because=because, reason=because)

    last = told(transfer)[-1]

    assert (last.title, last.actor) == ("Called off", actor)
    assert word in last.text


def test_a_bank_that_was_not_approved_calls_off_by_that_name(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, sending=states.RESERVED)

    settlement.withdraw_waiting(relationship=bank)

    assert titles(transfer)[-1] == "Called off"


@pytest.mark.parametrize(("actor", "who"), [("customer 1", "You"), ("ops 1", "A person of ours")])
@pytest.mark.parametrize("sending", [states.RESERVED, states.HELD])
def test_what_was_canceled_before_it_was_sent_says_by_whom(
    bank: ACHRelationship, actor: str, who: str, sending: str
) -> None:
    transfer = make.transfer(bank, sending=sending)

    assert canceling.cancel(transfer=transfer, actor=actor)

    last = told(transfer)[-1]
    assert (last.title, last.actor) == ("Canceled", who)


# --- Sent, once -------------------------------------------------------------------------------------------------------


def test_one_without_an_answer_says_what_we_do(bank: ACHRelationship) -> None:
    transfer = in_doubt(bank)

    assert titles(transfer)[-3:-1] == ["Sent to the broker", "Confirming with the broker"]
    assert present(transfer).tone == "unknown"
    assert told(transfer)[-1].title == "Answer, at the latest"
    assert "At most one" in told(transfer)[-1].text


def test_one_that_was_found_again_says_so(bank: ACHRelationship) -> None:
    transfer = in_doubt(bank, states.SENDING)
    transfer.move_sending(states.UNKNOWN, actor="a test")
    transfer.move_sending(states.ACCEPTED, actor="broker", alpaca_id="found")

    assert titles(transfer)[-5:-2] == ["Sent to the broker", "The broker’s answer got lost", "Found at the broker"]
    assert "It was made once" in step(transfer, "Found at the broker").text


def test_one_that_was_never_made_is_certified(bank: ACHRelationship) -> None:
    transfer = in_doubt(bank, states.SENDING)
    transfer.move_sending(states.UNKNOWN, actor="a test")
    transfer.move_sending(states.NOT_CREATED, actor="worker", because="never made at the broker")

    last = told(transfer)[-1]

    assert (last.title, last.actor, last.current) == ("Certified: it was never made", "We", True)
    assert "made sure" in last.text
    assert "ask again" in last.text


@pytest.mark.parametrize("bound", [True, False])
def test_one_that_a_person_looks_at_says_why(bank: ACHRelationship, bound: bool) -> None:
    transfer = in_doubt(bank, states.SENDING)
    if bound:
        transfer.move_sending(states.ACCEPTED, actor="broker", alpaca_id="another amount")
    else:
        transfer.move_sending(states.UNKNOWN, actor="a test")
    transfer.move_sending(states.REVIEW, actor="worker")

    now = present(transfer)

    assert (now.title, now.actor) == ("A person of ours looks at it", "A person of ours")
    assert ("not quite what we asked for" in now.text) == bound
    assert ("The broker accepted it" in titles(transfer)) == bound


@pytest.mark.parametrize(
    ("sending", "actor", "title"),
    [(states.REFUSED, "The broker", "Refused"), (states.NOT_SENT, "We", "Not sent")],
)
def test_one_that_came_to_nothing_says_by_whom(bank: ACHRelationship, sending: str, actor: str, title: str) -> None:
    transfer = make.transfer(bank, sending=sending, ended_at=timezone.now())

    last = told(transfer)[-1]

    assert (last.title, last.actor) == (title, actor)
    assert "no money moved" in last.text


# --- Canceling --------------------------------------------------------------------------------------------------------


def test_a_wish_to_cancel_is_asked_and_then_too_late(bank: ACHRelationship) -> None:
    asked_at = timezone.now()
    transfer = make.transfer(bank, cancel_asked_at=asked_at, cancel_answer="asked")
    note(transfer, field="cancel", after="asked", actor="customer 1")
    assert present(transfer).title == "You asked to cancel it"
    assert "may be too late" in wording.of_transfer(transfer).lede

    note(transfer, field="cancel", before="asked", after="too late", actor="broker")
    Transfer.objects.update(cancel_answer="too late")
    assert titles(transfer)[-4:-2] == ["You asked to cancel it", "Too late to cancel"]
    assert "It was too late to cancel" in wording.of_transfer(Transfer.objects.for_timeline().get()).lede


def test_a_wish_that_did_not_arrive_may_be_told_again(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)
    for after, actor in (("asked", "customer 1"), ("not delivered", "broker")):
        note(transfer, field="cancel", after=after, actor=actor)

    assert present(transfer).title == "The wish to cancel did not arrive"
    assert present(transfer).actor == "We"


@pytest.mark.parametrize(("asked", "word"), [(True, "in time"), (False, "The broker canceled it")])
def test_a_canceled_one_says_whose_wish_it_was(bank: ACHRelationship, asked: bool, word: str) -> None:
    at = timezone.now()
    transfer = make.transfer(
        bank, status=states.CANCELED, ended_at=at, cancel_asked_at=at if asked else None, cancel_answer="asked" * asked
    )

    assert word in told(transfer)[-1].text


# --- Settled, and the return window -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "behind", "ahead"),
    [
        (0, [], ["bank until", "withdraw at the latest", "dispute"]),
        (2, [], ["bank until", "withdraw at the latest", "dispute"]),
        (3, ["bank over"], ["withdraw at the latest", "dispute"]),
        (8, ["bank over", "free"], ["dispute"]),  # Columbus Day is no banking day
        (60, ["bank over", "free"], ["dispute"]),
        (61, ["bank over", "free", "dispute over"], []),
    ],
)
def test_a_settled_deposit_says_until_when_it_may_come_back(
    bank: ACHRelationship, settings: Settings, days: int, behind: list[str], ahead: list[str]
) -> None:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5
    names = {
        "Tartan Bank can take it back until": "bank until",
        "Tartan Bank can’t take it back by itself any more": "bank over",
        "Free to withdraw at the latest": "withdraw at the latest",
        "Free to withdraw": "free",
        "You can dispute it at your bank until": "dispute",
        "The time to dispute it is over": "dispute over",
    }
    transfer = make.transfer(bank, status=states.COMPLETE, settled_at=MONDAY, created_at=MONDAY)

    with time_machine.travel(MONDAY + timedelta(days=days), tick=False):
        entries = told(transfer)

    settled = [entry.title for entry in entries].index("Settled")
    rest = entries[settled + 1 :]
    assert [names[entry.title] for entry in rest if not entry.todo] == behind
    assert [names[entry.title] for entry in rest if entry.todo] == ahead
    assert sum(entry.current for entry in entries) == 1
    assert next(entry for entry in entries if entry.current) == [entry for entry in entries if not entry.todo][-1]


def test_the_days_of_the_return_window_are_the_banks(bank: ACHRelationship, settings: Settings) -> None:
    settings.WITHDRAWAL_HOLD_BANKING_DAYS = 5
    transfer = make.transfer(bank, status=states.COMPLETE, settled_at=MONDAY, created_at=MONDAY)

    with time_machine.travel(MONDAY, tick=False):
        days = {entry.title: str(entry.on) for entry in told(transfer) if entry.todo}

    assert days == {
        "Tartan Bank can take it back until": "2026-10-07",
        "Free to withdraw at the latest": "2026-10-13",
        "You can dispute it at your bank until": "2026-12-04",
    }


@pytest.mark.parametrize(("days", "title"), [(2, "Tartan Bank can send it back until"), (3, "Tartan Bank has kept it")])
def test_a_settled_withdrawal_may_come_back_for_two_banking_days(bank: ACHRelationship, days: int, title: str) -> None:
    transfer = make.transfer(bank, status=states.COMPLETE, settled_at=MONDAY, created_at=MONDAY, direction=OUT)

    with time_machine.travel(MONDAY + timedelta(days=days), tick=False):
        assert titles(transfer)[-1] == title


# --- Returned ---------------------------------------------------------------------------------------------------------


def returned(bank: ACHRelationship, code: str, *, settled: bool = True, direction: str = IN) -> Transfer:
    status = states.COMPLETE if settled else states.SENT_TO_CLEARING
    transfer = make.transfer(bank, status=status, settled_at=T0 if settled else None, direction=direction)
    settlement.apply_event(event(transfer, states.RETURNED, minutes=60, reason=f"{code} - as the bank says"))
    return transfer


@pytest.mark.parametrize(
    ("settled", "direction", "word"),
    [
        (True, IN, "left your cash again"),
        (False, IN, "never reached your account"),
        (True, OUT, "are in your account again"),
    ],
)
def test_a_returned_one_says_where_the_money_is(
    bank: ACHRelationship, settled: bool, direction: str, word: str
) -> None:
    last = present(returned(bank, "R02", settled=settled, direction=direction))

    assert (last.title, last.actor, last.tone) == ("Returned by Tartan Bank", "Your bank", "danger")
    assert "Reason R02: the account is closed." in last.text
    assert word in last.text


def test_a_return_that_froze_the_account_says_so_until_it_is_free(bank: ACHRelationship) -> None:
    transfer = returned(bank, "R10")
    assert present(transfer).title == "Your account was frozen"

    first, second = make.user("one@example.com"), make.user("two@example.com")
    freeze = bank.brokerage_account.freezes.get()
    returns.ask_to_lift(freeze=freeze, because="a mistake", person=first)
    returns.lift(freeze=freeze, person=second)

    assert (present(transfer).title, present(transfer).actor) == ("Your account is free again", "A person of ours")
    assert "a mistake" not in str(told(transfer))


def test_a_return_that_left_a_debt_says_so(bank: ACHRelationship) -> None:
    BrokerageAccount.objects.update(cash=Decimal("10.00"))

    assert "missing in your account" in present(returned(bank, "R01")).text
    assert "missing" not in present(returned(bank, "R01", direction=OUT)).text


# --- For ops ----------------------------------------------------------------------------------------------------------


def rich(bank: ACHRelationship) -> Transfer:
    """Make a deposit with everything that a deposit can have."""
    transfer = make.transfer(bank, sending=states.RESERVED)
    note(transfer, field="sending", after=states.RESERVED, actor="customer 1", because="asked for")
    decided(transfer, risk_rules.HOLD, "risk gate", "too much in a week")
    transfer.move_sending(states.HELD, actor="risk gate")
    risk.allow_held(transfer=transfer, because="known for years", person=make.user("ops@example.com"))
    transfer.refresh_from_db()
    now = timezone.now()
    transfer.move_sending(states.SENDING, actor="worker")
    SendAttempt.objects.create(
        transfer=transfer, sender="worker", sent_at=now, lease_until=now, http_status=504, request_id="req-77"
    )
    transfer.move_sending(states.UNKNOWN, actor="worker", evidence={"what": "POST: Timeout"})
    Lookup.objects.create(transfer=transfer, complete=True, rows_read=31, candidates=["cand-1", "cand-2"])
    transfer.move_sending(states.REVIEW, actor="worker", because="two could be it")
    transfer.move_sending(states.ACCEPTED, actor="ops 1", alpaca_id="cand-1")
    note(transfer, field="cancel", after="asked", actor="customer 1")
    note(transfer, field="cancel", before="asked", after="too late", actor="broker")
    note(transfer, field="a field of tomorrow", after="something", actor="broker")
    for minutes, status in enumerate(["TELEPORTED", states.SENT_TO_CLEARING, states.COMPLETE, states.RETURNED]):
        settlement.apply_event(event(transfer, status, minutes=minutes, reason="R10 - customer says no"))
    return transfer


def test_ops_read_the_customers_story_with_every_row_once(bank: ACHRelationship) -> None:
    transfer = rich(bank)
    read = Transfer.objects.for_timeline().get(pk=transfer.pk)

    customers, ops = timeline.of(read), timeline.for_ops(read)

    assert [(each.title, each.at, each.actor, each.text) for each in customers] == [
        (each.title, each.at, each.actor, each.text) for each in ops
    ]
    facts = [fact for entry in ops for fact in entry.facts]
    labels = [label for label, _ in facts]
    assert labels.count("History") == transfer.events.count()
    assert labels.count("Risk decision") == transfer.risk_decisions.count() == 2
    assert labels.count("Case") == Case.objects.count() == 1
    for label in ("Words agreed to", "Sent by", "Look-up", "Reversal", "Freeze", "Transfer"):
        assert labels.count(label) == 1, label
    said = " ".join(value for _, value in facts)
    for raw in ("req-77", "504", "cand-1, cand-2", "31 rows", "900.00", risk_rules.VERSION, "known for years", "R10"):
        assert raw in said
    assert all(not entry.facts and not entry.records for entry in customers)


@pytest.mark.parametrize("sending", sorted(states.SENDING_MOVES))
@pytest.mark.parametrize("direction", [IN, OUT])
def test_every_state_has_one_present_step_with_words(bank: ACHRelationship, sending: str, direction: str) -> None:
    transfer = in_doubt(bank, sending, direction=direction)
    read = Transfer.objects.for_timeline().get(pk=transfer.pk)

    entries = timeline.of(read)

    assert sum(entry.current for entry in entries) == 1
    assert all(entry.actor for entry in entries)
    assert len(timeline.for_ops(read)) == len(entries)
    assert sending not in str([(entry.title, entry.text) for entry in entries])


def test_a_story_costs_the_same_however_long(bank: ACHRelationship) -> None:
    def cost(transfer: Transfer) -> int:
        with CaptureQueriesContext(connection) as asked:
            timeline.for_ops(Transfer.objects.for_timeline().get(pk=transfer.pk))
        return len(asked)

    long = rich(bank)
    before = cost(long)
    for number in range(50):
        note(long, field="cancel", after="asked", actor=f"customer {number}")
        Lookup.objects.create(transfer=long, complete=True)
        decided(long, risk_rules.ALLOW)

    assert before == cost(long) <= 6
    assert cost(make.transfer(bank, direction=OUT)) <= 6
