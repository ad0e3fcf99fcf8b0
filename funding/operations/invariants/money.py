"""Invariants 1, 2, 3, 5, 8 and 12, told of one transfer: sent once, authorized, its amount untouched, taken back once.

Each function yields what is broken, in words that may go into any log. A constraint keeps most of this true already; a
restored dump, a constraint dropped by hand or a row mended in psql is what these are for.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from brokerage import money
from funding import states
from funding.models import RiskDecision
from funding.operations.invariants.stories import CLOCKS_APART, NEVER_SENT, Story, amount
from funding.operations.resolving import CLOCK_SKEW

Broken = Iterator[str]


# --- 1: at most one transfer at the broker for each intent ------------------------------------------------------------


def has_one_attempt(story: Story) -> Broken:
    """An intent gets one request, and a transfer made elsewhere none of ours."""
    if len(story.attempts) > 1:
        yield f"has {len(story.attempts)} attempts"
    if story.attempts and not story.asked_for_here:
        yield "was made elsewhere, and has an attempt of ours"


def went_to_sending_once(story: Story) -> Broken:
    """No path leads back to SENDING."""
    times = sum(move.after == states.SENDING for move in story.moves("sending"))
    if times > 1:
        yield f"went to SENDING {times} times"


def is_bound_where_it_was_accepted(story: Story) -> Broken:
    """The broker's id, and the broker's half, belong to what the broker accepted and to nothing else."""
    row = story.row
    bound = row.sending in (states.ACCEPTED, states.REVIEW)
    if row.sending == states.ACCEPTED and not row.alpaca_id:
        yield "is ACCEPTED without an id of the broker's"
    if row.alpaca_id and not bound:
        yield f"is {row.sending}, and has an id of the broker's"
    if row.status and not row.alpaca_id:
        yield f"has the broker's status {row.status} without an id of the broker's"


def is_bound_to_what_was_answered(story: Story) -> Broken:
    """The id is the one that the broker gave in its answer to our request."""
    for attempt in story.attempts:
        theirs = _yes(attempt).get("id")
        if theirs and theirs != story.row.alpaca_id:
            yield f"is bound to {story.row.alpaca_id or 'nothing'}, and the broker answered {theirs}"


def _yes(attempt: Any) -> dict[str, Any]:
    """Return what the broker answered where that was a yes."""
    return attempt.answer if attempt.http_status == 200 and isinstance(attempt.answer, dict) else {}


# --- 2: no request without a committed SENDING row --------------------------------------------------------------------


def was_sent_by_an_attempt(story: Story) -> Broken:
    """What left RESERVED has an attempt, and what never did has none."""
    if not story.asked_for_here:
        return
    never_sent = story.row.sending in NEVER_SENT
    if never_sent and story.attempts:
        yield f"is {story.row.sending}, and has an attempt"
    if not never_sent and not story.attempts:
        yield f"is {story.row.sending} without an attempt"


def was_sent_in_time(story: Story) -> Broken:
    """It was asked for, then sent, then answered."""
    for attempt in story.attempts:
        if _later(story.row.created_at, attempt.sent_at):
            yield "was sent before it was asked for"
        if _later(attempt.sent_at, attempt.answered_at):
            yield "was answered before it was sent"
        if _later(attempt.sent_at, story.row.accepted_at):
            yield "was accepted before it was sent"


def was_claimed_before_it_was_sent(story: Story) -> Broken:
    """The move to SENDING is in the history, and no later than the answer."""
    claims = [move.at for move in story.moves("sending") if move.after == states.SENDING]
    for attempt in story.attempts:
        if not claims:
            yield "has an attempt, and no history of SENDING"
        elif _later(min(claims), attempt.answered_at):
            yield "went to SENDING after it was answered"


def _later(one: datetime, than: datetime | None) -> bool:
    return than is not None and one > than + CLOCKS_APART


# --- 3: the amount ----------------------------------------------------------------------------------------------------


def amount_is_whole_cents(story: Story) -> Broken:
    """An amount is above zero and has no parts of a cent."""
    if story.amount is None:
        yield "has an amount that is no number"
    elif story.amount <= 0:
        yield f"has an amount that is not above zero: {story.amount}"
    elif story.amount != story.amount.quantize(money.CENT):
        yield f"has parts of a cent: {story.amount}"


def amount_is_what_was_asked_for(story: Story) -> Broken:
    """Account, direction and amount are those that the customer confirmed. The hash is told anew here on purpose."""
    if story.amount is None or not story.asked_for_here:
        return
    asked_for = f"{story.row.brokerage_account_id} {story.row.direction} {story.amount:.2f}"
    if story.row.parameters_hash != hashlib.sha256(asked_for.encode()).hexdigest():
        yield "is of another account, direction or amount than was asked for"


def amount_is_what_was_answered(story: Story) -> Broken:
    """The broker answered with the same amount and direction, or a person was called to look."""
    if any(move.after == states.REVIEW for move in story.moves("sending")):
        return
    for attempt in story.attempts:
        answer = _yes(attempt)
        if _answered_amount(answer) not in (None, story.amount):
            yield "has another amount than the broker answered"
        if str(answer.get("direction") or story.row.direction).upper() != story.row.direction:
            yield "has another direction than the broker answered"


def _answered_amount(answer: dict[str, object]) -> object:
    """Return the amount of a raw answer (see gateways.broker_answers.requested_amount), None where it has none."""
    try:
        return money.from_vendor(answer.get("requested_amount") or answer.get("amount"))
    except ValueError:
        return None


# --- 5: what was held is let go once, what had settled is taken back once ---------------------------------------------


def was_taken_back_once(story: Story) -> Broken:
    """A transfer that had settled and was returned has one reversal, of its amount; nothing else has one."""
    must_have = story.row.status == states.RETURNED and story.row.settled_at is not None
    if must_have and not story.reversals:
        yield "was returned after it had settled, and has no reversal"
    if story.reversals and not must_have:
        yield "has a reversal, and was not returned after it had settled"
    if len(story.reversals) > 1:
        yield f"has {len(story.reversals)} reversals"
    if any(amount(reversal.amount_text) != story.amount for reversal in story.reversals):
        yield "has a reversal of another amount"


def was_let_go_once(story: Story) -> Broken:
    """What a transfer held is released by its end, and it ends once."""
    ends = [move.after for move in story.events if move.after in states.NEVER_HAPPENED | states.FINAL]
    if len(ends) > 1:
        yield f"ended {len(ends)} times: {', '.join(sorted(ends))}"


def ended_where_it_is_over(story: Story) -> Broken:
    """The time of the end stands where there was one."""
    over = story.row.sending in states.NEVER_HAPPENED or story.row.status in states.FINAL
    if over and story.row.ended_at is None:
        yield f"is {story.row.status or story.row.sending}, and has no time at which it ended"
    if story.row.ended_at is not None and not over:
        yield f"is {story.row.status or story.row.sending}, and has a time at which it ended"


# --- 8: what has settled stays under reconciliation -------------------------------------------------------------------


def settled_so_that_it_is_watched(story: Story) -> Broken:
    """Reconciliation finds a settled transfer by the broker's id and by the time at which it settled."""
    row = story.row
    if row.status != states.COMPLETE:
        return
    if row.settled_at is None:
        yield "is COMPLETE without a time at which it settled, so nothing compares it"
    elif row.settled_at < row.created_at - CLOCK_SKEW:
        yield "settled before it was asked for"
    if not row.alpaca_id:
        yield "is COMPLETE without an id of the broker's, so nothing compares it"


# --- 12: no debit without the customer's word and the risk gate's -----------------------------------------------------


def was_authorized_before_it_was_sent(story: Story) -> Broken:
    """A deposit asked for here names the customer's word for this amount and this bank account, given beforehand."""
    row = story.row
    if not story.is_debit:
        return
    if row.authorization__created_at is None:
        yield "is a debit without an authorization"
        return
    if amount(row.authorized_text) != story.amount:
        yield "is authorized for another amount"
    if row.authorization__relationship_id != row.relationship_id:
        yield "is authorized for another bank account"
    if any(_later(row.authorization__created_at, attempt.sent_at) for attempt in story.attempts):
        yield "was sent before it was authorized"


def passed_the_risk_gate_before_it_was_sent(story: Story) -> Broken:
    """A deposit that was sent names the decision that let it through."""
    row = story.row
    for attempt in story.attempts if story.is_debit else ():
        if row.cleared_by__outcome is None:
            yield "was sent without a decision of the risk gate"
        elif row.cleared_by__outcome != RiskDecision.Outcome.ALLOW or row.cleared_by__transfer_id != row.pk:
            yield "was sent on a decision of the risk gate that does not allow it"
        elif _later(row.cleared_by__at, attempt.sent_at):
            yield "was sent before the risk gate let it through"
