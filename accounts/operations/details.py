"""Changing what the broker holds of a customer whose account is open: contact, work, trusted contact, disclosures.

    request_change ──► send ──► the broker's yes ──► our columns        a lost answer ──► look_up

Called by views and by email_change; by the worker for what was left behind. Calls gateways.broker_accounts. A change
sets values, so sending it twice leaves what sending it once does: where nobody can tell whether it arrived, the account
is read, and if it is not as wanted the change is sent again. What may have arrived is neither called off nor dropped
unread. One change of a kind is open at a time, so that an older one never overwrites a newer. Our own columns follow
the broker's yes and nothing else.
"""

import json
import logging
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import kept_details, states
from accounts.models import BrokerageAccount, DetailsChange
from accounts.models.changes import Values
from accounts.operations import account_status, broker_changes, change_hindrances, taking_over
from accounts.operations.account_status import Overtaken, Question
from accounts.operations.change_hindrances import ChangeNotPossible, Closed
from brokerage import stopping
from brokerage.gateways import broker_accounts
from brokerage.gateways.broker_answers import AccountAnswer
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from brokerage.status import LEASE, IllegalMove, LostRace, note

log = logging.getLogger(__name__)

# A refusal with one of these is about our keys or our address of theirs, whatever the customer wants.
OUR_FAULT = {401, 403, 404, 405}
CONFLICT = 409
# A no to what we asked for. A clash comes as a doubt, too, for it may be one with what arrived already.
CLEAR_NO = {400, 403, CONFLICT, 422}
# Between tries, growing to this.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
_FORM_KEYS = uuid.UUID("0a0c9a5a-6f1f-4a37-9a63-3f2f5f0f8d11")


class ChangeUnderWay(ChangeNotPossible):
    customer_message = "A change of these details is under way already. You can make another one when it is done."


class PageOutOfDate(ChangeNotPossible):
    customer_message = (
        "These details were changed since you opened the page, so nothing new was sent. Check them and start again."
    )


class NothingChanged(ChangeNotPossible):
    customer_message = "Nothing is different from what the broker has, so nothing was sent."


def next_form_key(*, account: BrokerageAccount, kind: str) -> uuid.UUID:
    """Return the key of the account's next change of this kind.

    It changes only when one has been reserved, so that double clicks, reloads and any number of tabs all confirm one.
    """
    count = DetailsChange.objects.filter(brokerage_account=account, kind=kind).count()
    return uuid.uuid5(_FORM_KEYS, f"{account.pk} {kind} {count}")


def request_change(
    *, account: BrokerageAccount, kind: str, after: Values, form_key: uuid.UUID, actor: str
) -> DetailsChange:
    """Reserve a change to the values `after` (see kept_details); `send` does the sending.

    The same form key with the same values gives back the same change.
    Raises NotOpen, Closed, Frozen, ChangeUnderWay, PageOutOfDate, NothingChanged.
    """
    with transaction.atomic(durable=True):
        return reserve(account=account, kind=kind, after=after, form_key=form_key, actor=actor)


def reserve(*, account: BrokerageAccount, kind: str, after: Values, form_key: uuid.UUID, actor: str) -> DetailsChange:
    """Reserve a change inside the caller's transaction, under the account's lock; otherwise as `request_change`."""
    account = BrokerageAccount.objects.select_for_update().get(pk=account.pk)
    changes = DetailsChange.objects.filter(brokerage_account=account, kind=kind)
    existing = changes.filter(form_key=form_key).first()
    if existing is not None:
        if existing.after != after:
            raise PageOutOfDate
        return existing
    change_hindrances.require_possible(account=account)
    if changes.open().exists():
        raise ChangeUnderWay
    if kind != DetailsChange.Kind.EMAIL and form_key != next_form_key(account=account, kind=kind):
        raise PageOutOfDate
    before = kept_details.read(account.application, kind)
    if before == after:
        raise NothingChanged
    change = DetailsChange(brokerage_account=account, kind=kind, form_key=form_key)
    change.before_json, change.after_json = json.dumps(before), json.dumps(after)
    change.save(force_insert=True)
    note(change, field="status", after=states.RESERVED, actor=actor, because="asked for")
    return change


def send(*, change: DetailsChange, sender: str) -> None:
    """Send one change to the broker, and record what came of it. One that the account takes no more is dropped."""
    if not _claim(change, sender):
        return
    asked = Question.about(change.brokerage_account)
    try:
        answer = broker_accounts.update_account(change.brokerage_account.alpaca_id, broker_changes.body(change))
    except NotSent as fault:
        _wait(change, states.NOT_SENT, fault, actor=sender)
    except Refused as refusal:
        _take_refusal(change, refusal, sender=sender)
    except OutcomeUnknown as doubt:
        _wait(change, states.UNKNOWN, doubt, actor=sender)
        look_up(change=change, sender=sender)
    else:
        _accept(change, answer, asked, because="the broker accepted it")


def _claim(change: DetailsChange, sender: str) -> bool:
    """Move to SENDING, committed before the first byte leaves, unless the account takes it no more."""
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=change.brokerage_account_id)
        _lock(change)
        change.brokerage_account = account
        if change.status not in states.UNSENT_CHANGE:
            return False
        why = change_hindrances.of(change)
        if why is None:
            change.move(states.SENDING, actor=sender, tries=change.tries + 1, refusal_status=None)
        elif change.can_be_called_off:
            _drop(change, why, actor=sender)
        else:  # an attempt may still be on its way: the account is read when that is over
            next_at = timezone.now() + LEASE
            because = type(why).__name__
            change.move(states.UNKNOWN, actor=sender, because=because, next_at=next_at, refusal_status=None)
    return why is None


def _lock(change: DetailsChange) -> None:
    change.refresh_from_db(from_queryset=DetailsChange.objects.select_for_update())


def _drop(change: DetailsChange, why: ChangeNotPossible, *, actor: str) -> None:
    change.move(states.WITHDRAWN, actor=actor, because=type(why).__name__)
    taking_over.dropped(change)


def call_off(*, change: DetailsChange, actor: str) -> bool:
    """Drop a change of which nothing can have reached the broker; return whether that was still possible."""
    with transaction.atomic(durable=True):
        _lock(change)
        if change.can_be_called_off:
            change.move(states.WITHDRAWN, actor=actor, because="called off")
            return True
    return False


def _wait(change: DetailsChange, to: str, fault: VendorError, *, actor: str) -> None:
    """Write down an outcome that is neither yes nor no, and when to go on."""
    also: dict[str, object] = {"next_at": timezone.now() + _pause(change.tries), "refusal_status": fault.http_status}
    also |= {"refusal": fault.reason[:500]} if fault.http_status in CLEAR_NO else {}
    _move(change, to, actor=actor, because=fault.what, evidence=fault.facts, **also)


def _pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * 2 ** min(tries, 12), LONGEST_PAUSE)


def _move(change: DetailsChange, to: str, **how: object) -> bool:
    """Move, unless a worker has taken us for dead in the meantime: then the look-up tells."""
    try:
        with transaction.atomic(durable=True):
            change.move(to, **how)  # type: ignore[arg-type]  # `move` checks what it is given
    except (IllegalMove, LostRace):
        change.refresh_from_db()
        log.info("change %s is %s, and is not moved to %s", change.pk, change.status, to)
        return False
    log.info("change %s → %s", change.pk, to)
    return True


def _take_refusal(change: DetailsChange, refusal: Refused, *, sender: str) -> None:
    """Take the broker's no; one of our keys is ours to mend, and the change waits.

    Where an earlier attempt may have arrived, the no is not about that one: the account is read first.
    """
    if refusal.http_status in OUR_FAULT and "permitted" not in refusal.reason:
        log.error("change %s: the broker refuses us, not the change (%s)", change.pk, refusal)
        _wait(change, states.NOT_SENT, refusal, actor=sender)
    elif change.may_be_there and refusal.http_status in CLEAR_NO:
        _wait(change, states.UNKNOWN, refusal, actor="broker")
        look_up(change=change, sender=sender)
    else:
        _refuse(change, reason=refusal.reason, http_status=refusal.http_status, because=refusal.what)


def _refuse(change: DetailsChange, *, reason: str, http_status: int | None, because: str) -> None:
    try:
        with transaction.atomic(durable=True):
            how = {"refusal": reason[:500], "refusal_status": http_status}
            change.move(states.REFUSED, actor="broker", because=because, **how)
            taking_over.refused(change)
    except (IllegalMove, LostRace):
        change.refresh_from_db()


def look_up(*, change: DetailsChange, sender: str) -> None:
    """Find out by the account itself what became of a change; one that is not there is sent again, by whoever is next.

    Where the broker said no, or spoke of a clash, and it is not there, it is refused: sent again, it would be again.
    """
    asked = Question.about(change.brokerage_account)
    try:
        answer = broker_accounts.get_account(change.brokerage_account.alpaca_id)
    except VendorError as fault:
        log.info("change %s: look-up got no answer (%s)", change.pk, fault)
        _ask_later(change)
        return
    why = change_hindrances.of(change)
    if broker_changes.is_there(change, answer):
        _accept(change, answer, asked, because="read again: it is as wanted")
    elif change.refusal_status in CLEAR_NO:
        _refuse(change, reason=change.refusal, http_status=change.refusal_status, because="a no, and it is not there")
    elif why is not None:
        _drop_or_ask_later(change, why, actor=sender)
    else:
        _move(change, states.RESERVED, actor=sender, because="read again: not as wanted, so it is sent again")


def _ask_later(change: DetailsChange) -> None:
    DetailsChange.objects.filter(pk=change.pk).update(next_at=timezone.now() + _pause(change.tries))


def _drop_or_ask_later(change: DetailsChange, why: ChangeNotPossible, *, actor: str) -> None:
    """Drop what the broker does not hold though no attempt can be on its way any more.

    What can't be read waits until the account takes changes again; with an account that never will, it ends.
    """
    is_clear = change.can_be_looked_up or isinstance(why, Closed)
    if not is_clear or change.status_at > timezone.now() - LEASE:
        _ask_later(change)
        return
    try:
        with transaction.atomic(durable=True):
            _drop(change, why, actor=actor)
    except (IllegalMove, LostRace):
        change.refresh_from_db()


def _accept(change: DetailsChange, answer: AccountAnswer, asked: Question, *, because: str) -> None:
    """Take the broker's yes: our columns follow in the same transaction, and then the status that it tells."""
    odd = broker_changes.told_otherwise(change, answer)
    try:
        with transaction.atomic(durable=True):
            change.move(states.ACCEPTED, actor="broker", because=because, evidence={"told otherwise": odd})
            taking_over.accepted(change)
    except (IllegalMove, LostRace):
        change.refresh_from_db()
        if change.status == states.UNKNOWN:  # a worker took us for dead; the answer came all the same
            _accept(change, answer, asked, because="the broker accepted it, and answered late")
        return
    if odd:
        log.error("change %s: accepted, and the broker tells another %s", change.pk, ", ".join(odd))
    log.info("change %s accepted", change.pk)
    try:
        account_status.apply(account=change.brokerage_account, status=answer.status, actor="broker", asked=asked)
    except Overtaken:
        log.info("change %s: the account has changed meanwhile; reconciliation asks again", change.pk)


def expire_leases(*, sender: str) -> None:
    """Call unknown what a sender that died has left in SENDING."""
    for change in DetailsChange.objects.left_behind(now=timezone.now()):
        _move(change, states.UNKNOWN, actor=sender, because="the sender died")


def pick_up_left_behind(*, sender: str) -> int:
    """Send, or look up, what a process that died or a broker that was away has left behind. Return how many."""
    expire_leases(sender=sender)
    # A customer's own request sends at once; what still stands after some seconds nobody is sending.
    rows = DetailsChange.objects.select_related("brokerage_account__user").due(now=timezone.now())
    due = rows.filter(status_at__lt=timezone.now() - timedelta(seconds=5))[:100]
    return sum(_tried(change, sender) for change in stopping.while_wanted(due))


def _tried(change: DetailsChange, sender: str) -> int:
    """Do one change's step; one that fails is reported and must not keep the others waiting."""
    step = look_up if change.status == states.UNKNOWN else send
    try:
        step(change=change, sender=sender)
    except Exception:
        log.exception("change %s could not be picked up", change.pk)
    return 1
