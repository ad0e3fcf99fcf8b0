"""Ways to break invariants 1, 2, 3, 5 and 12, and the row's part of 8."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.expressions import RawSQL

from brokerage.status import note
from funding import states
from funding.models import DebitAuthorization, Reversal, RiskDecision, SendAttempt, Transfer
from funding.operations.invariants import money
from tests.funding import lives
from tests.funding.breaking.ways import breaks
from tests.funding.standing import OUT, POST, Customer, fault
from tests.harness.bare_tables import delete, without_constraints

MINUTE = timedelta(minutes=1)


def changed(transfer: Transfer, **columns: Any) -> Transfer:
    Transfer.objects.filter(pk=transfer.pk).update(**columns)
    return transfer


def attempted(transfer: Transfer, **columns: Any) -> Transfer:
    """Change the attempt of a transfer."""
    assert SendAttempt.objects.filter(transfer=transfer).update(**columns)
    return transfer


def another_attempt(transfer: Transfer) -> Transfer:
    at = transfer.created_at
    SendAttempt.objects.create(transfer=transfer, sender="x", sent_at=at, lease_until=at)
    return transfer


def not_sent(ada: Customer) -> Transfer:
    fault(ada.sandbox, "rate_limited", POST)
    return ada.move("50.00")


# --- 1 ----------------------------------------------------------------------------------------------------------------


@breaks(money.has_one_attempt, "has 2 attempts")
def two_attempts(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    without_constraints(SendAttempt)
    return another_attempt(transfer)


@breaks(money.has_one_attempt, "was made elsewhere, and has an attempt of ours")
def an_attempt_for_what_was_made_elsewhere(ada: Customer) -> Transfer:
    return changed(ada.move("50.00"), origin=Transfer.Origin.EXTERNAL)


@breaks(money.went_to_sending_once, "went to SENDING 2 times")
def a_second_move_to_sending(ada: Customer) -> Transfer:
    transfer = not_sent(ada)
    note(transfer, field="sending", before=states.NOT_SENT, after=states.SENDING, actor="x")
    return changed(transfer, sending=states.SENDING)


@breaks(money.is_bound_where_it_was_accepted, "is ACCEPTED without an id of the broker's")
def accepted_without_an_id(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    without_constraints(Transfer)
    return changed(transfer, alpaca_id=None)


@breaks(money.is_bound_where_it_was_accepted, "is NOT_SENT, and has an id of the broker's")
def not_sent_with_an_id(ada: Customer) -> Transfer:
    return changed(not_sent(ada), alpaca_id=str(uuid.uuid4()))


@breaks(money.is_bound_where_it_was_accepted, "has the broker's status QUEUED without an id of the broker's")
def a_status_from_nowhere(ada: Customer) -> Transfer:
    return changed(ada.ask("50.00"), status=states.QUEUED)


@breaks(money.is_bound_to_what_was_answered, "and the broker answered")
def bound_to_another(ada: Customer) -> Transfer:
    return changed(ada.move("50.00"), alpaca_id=str(uuid.uuid4()))


# --- 2 ----------------------------------------------------------------------------------------------------------------


@breaks(money.was_sent_by_an_attempt, "is ACCEPTED without an attempt")
def sent_without_an_attempt(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    delete(SendAttempt.objects.filter(transfer=transfer))
    return transfer


@breaks(money.was_sent_by_an_attempt, "is RESERVED, and has an attempt")
def an_attempt_without_a_claim(ada: Customer) -> Transfer:
    return another_attempt(ada.ask("50.00"))


@breaks(money.was_sent_in_time, "was sent before it was asked for")
def sent_too_early(ada: Customer) -> Transfer:
    return attempted(ada.move("50.00"), sent_at=F("sent_at") - MINUTE)


@breaks(money.was_sent_in_time, "was answered before it was sent")
def answered_too_early(ada: Customer) -> Transfer:
    return attempted(ada.move("50.00"), answered_at=F("sent_at") - MINUTE)


@breaks(money.was_sent_in_time, "was accepted before it was sent")
def accepted_too_early(ada: Customer) -> Transfer:
    return changed(ada.move("50.00"), accepted_at=F("created_at") - MINUTE)


@breaks(money.was_claimed_before_it_was_sent, "has an attempt, and no history of SENDING")
def no_history_of_sending(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    delete(transfer.events.filter(after=states.SENDING))
    return transfer


@breaks(money.was_claimed_before_it_was_sent, "went to SENDING after it was answered")
def claimed_afterwards(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    transfer.events.filter(after=states.SENDING).update(at=F("at") + MINUTE)
    return transfer


@breaks("attempts", "is not there, and has attempts")
def an_attempt_of_nothing(ada: Customer) -> Transfer:
    return gone(ada.move("50.00"))


def gone(transfer: Transfer) -> Transfer:
    without_constraints(Transfer)
    delete(Transfer.objects.filter(pk=transfer.pk))
    return transfer


# --- 3 ----------------------------------------------------------------------------------------------------------------


def with_amount(transfer: Transfer, amount: str) -> Transfer:
    """Write an amount past the column's type and its constraint."""
    without_constraints(Transfer)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE funding_transfer ALTER COLUMN amount TYPE numeric")
    return changed(transfer, amount=RawSQL("%s", [amount]))


@breaks(money.amount_is_whole_cents, "has an amount that is not above zero: 0")
def nothing_moved(ada: Customer) -> Transfer:
    return with_amount(ada.ask("50.00"), "0")


@breaks(money.amount_is_whole_cents, "has an amount that is not above zero: -5")
def less_than_nothing_moved(ada: Customer) -> Transfer:
    return with_amount(ada.ask("50.00"), "-5")


@breaks(money.amount_is_whole_cents, "has parts of a cent: 50.001")
def parts_of_a_cent(ada: Customer) -> Transfer:
    return with_amount(ada.ask("50.00"), "50.001")


@breaks(money.amount_is_whole_cents, "has an amount that is no number")
def no_number(ada: Customer) -> Transfer:
    return with_amount(ada.ask("50.00"), "NaN")


ANOTHER = "is of another account, direction or amount than was asked for"


@breaks(money.amount_is_what_was_asked_for, ANOTHER)
def another_amount(ada: Customer) -> Transfer:
    return changed(ada.ask("50.00"), amount=Decimal("50.01"))


@breaks(money.amount_is_what_was_asked_for, ANOTHER)
def another_direction(ada: Customer) -> Transfer:
    return changed(ada.ask("50.00"), direction=OUT)


@breaks(money.amount_is_what_was_asked_for, ANOTHER)
def another_account(ada: Customer) -> Transfer:
    grace = lives.customer(ada.sandbox, "grace@example.com", tax_id={"tax_id": "444-55-4322"})
    return changed(ada.ask("50.00"), brokerage_account=grace.account)


@breaks(money.amount_is_what_was_answered, "has another amount than the broker answered")
def another_amount_answered(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    return attempted(transfer, answer=transfer.attempt.answer | {"amount": "49.00", "requested_amount": "49.00"})


@breaks(money.amount_is_what_was_answered, "has another direction than the broker answered")
def another_direction_answered(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    return attempted(transfer, answer=transfer.attempt.answer | {"direction": OUT})


# --- 5 ----------------------------------------------------------------------------------------------------------------


@breaks(money.was_taken_back_once, "was returned after it had settled, and has no reversal")
def no_reversal(ada: Customer) -> Transfer:
    transfer = lives.returned(ada)
    delete(Reversal.objects.filter(transfer=transfer))
    return transfer


@breaks(money.was_taken_back_once, "has a reversal, and was not returned after it had settled")
def a_reversal_of_what_stands(ada: Customer) -> Transfer:
    return reversed_again(lives.settled(ada))


@breaks(money.was_taken_back_once, "has a reversal, and was not returned after it had settled")
def a_reversal_of_what_never_settled(ada: Customer) -> Transfer:
    return changed(lives.returned(ada), settled_at=None)


@breaks(money.was_taken_back_once, "has 2 reversals")
def two_reversals(ada: Customer) -> Transfer:
    transfer = lives.returned(ada)
    without_constraints(Reversal)
    return reversed_again(transfer)


@breaks(money.was_taken_back_once, "has a reversal of another amount")
def a_reversal_of_another_amount(ada: Customer) -> Transfer:
    transfer = lives.returned(ada)
    Reversal.objects.filter(transfer=transfer).update(amount="50.01")
    return transfer


def reversed_again(transfer: Transfer) -> Transfer:
    Reversal.objects.create(transfer=transfer, amount=transfer.amount)
    return transfer


@breaks("reversals", "is not there, and has reversals")
def a_reversal_of_nothing(ada: Customer) -> Transfer:
    return gone(lives.returned(ada))


@breaks(money.was_let_go_once, "ended 2 times: CANCELED, RETURNED")
def let_go_twice(ada: Customer) -> Transfer:
    transfer = lives.told(ada, ada.move("50.00", OUT), action="return", code="R03")
    note(transfer, field="status", before=states.RETURNED, after=states.CANCELED, actor="x")
    return transfer


@breaks(money.ended_where_it_is_over, "is RETURNED, and has no time at which it ended")
def no_end(ada: Customer) -> Transfer:
    return changed(lives.returned(ada), ended_at=None)


@breaks(money.ended_where_it_is_over, "is QUEUED, and has a time at which it ended")
def an_end_that_is_none(ada: Customer) -> Transfer:
    return changed(ada.move("50.00"), ended_at=F("created_at"))


# --- 8 ----------------------------------------------------------------------------------------------------------------


@breaks(money.settled_so_that_it_is_watched, "is COMPLETE without a time at which it settled")
def no_time_of_settling(ada: Customer) -> Transfer:
    return changed(lives.settled(ada), settled_at=None)


@breaks(money.settled_so_that_it_is_watched, "settled before it was asked for")
def settled_before_it_was_asked_for(ada: Customer) -> Transfer:
    return changed(lives.settled(ada), settled_at=F("created_at") - timedelta(days=70))


@breaks(money.settled_so_that_it_is_watched, "is COMPLETE without an id of the broker's")
def settled_nowhere(ada: Customer) -> Transfer:
    transfer = lives.settled(ada)
    without_constraints(Transfer)
    return changed(transfer, alpaca_id=None)


# --- 12 ---------------------------------------------------------------------------------------------------------------


def authorized(transfer: Transfer, **columns: Any) -> Transfer:
    """Change the authorization of a transfer."""
    assert DebitAuthorization.objects.filter(transfer=transfer).update(**columns)
    return transfer


def decided(transfer: Transfer, /, **columns: Any) -> Transfer:
    """Change what the risk gate decided about a transfer."""
    assert RiskDecision.objects.filter(transfer=transfer).update(**columns)
    return transfer


@breaks(money.was_authorized_before_it_was_sent, "is a debit without an authorization")
def no_authorization(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    without_constraints(Transfer)
    return changed(transfer, authorization=None)


@breaks(money.was_authorized_before_it_was_sent, "is authorized for another amount")
def authorized_for_less(ada: Customer) -> Transfer:
    return authorized(ada.move("50.00"), amount="49.99")


@breaks(money.was_authorized_before_it_was_sent, "is authorized for another bank account")
def authorized_for_another_bank(ada: Customer) -> Transfer:
    grace = lives.customer(ada.sandbox, "grace@example.com", tax_id={"tax_id": "444-55-4322"})
    return authorized(ada.move("50.00"), relationship=grace.relationship)


@breaks(money.was_authorized_before_it_was_sent, "was sent before it was authorized")
def authorized_afterwards(ada: Customer) -> Transfer:
    return authorized(ada.move("50.00"), created_at=F("created_at") + MINUTE)


@breaks(money.passed_the_risk_gate_before_it_was_sent, "was sent without a decision of the risk gate")
def no_decision(ada: Customer) -> Transfer:
    transfer = ada.move("50.00")
    without_constraints(Transfer)
    return changed(transfer, cleared_by=None)


@breaks(money.passed_the_risk_gate_before_it_was_sent, "was sent on a decision of the risk gate that does not allow it")
def sent_though_declined(ada: Customer) -> Transfer:
    return decided(ada.move("50.00"), outcome=RiskDecision.Outcome.DECLINE)


@breaks(money.passed_the_risk_gate_before_it_was_sent, "was sent on a decision of the risk gate that does not allow it")
def sent_on_anothers_decision(ada: Customer) -> Transfer:
    return decided(ada.move("50.00"), transfer=ada.move("51.00", OUT))


@breaks(money.passed_the_risk_gate_before_it_was_sent, "was sent before the risk gate let it through")
def decided_afterwards(ada: Customer) -> Transfer:
    return decided(ada.move("50.00"), at=F("at") + MINUTE)
