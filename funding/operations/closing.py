"""Closing a brokerage account for good: only when it is empty, at its owner's word, and with the bank link after it.

    look ──► request (the password again) ──► send ──► closed there ──► the bank link ends

Called by views, and by the worker for what was left behind; calls gateways.broker_accounts and broker_portfolio. An
account can be closed once, so asking again is harmless: where nobody can tell what became of it, its status tells, and
if that is open it is asked again. While a closing is under way no new transfer is reserved (see transfers), and none of
it begins while a transfer is: both are decided under the account's lock.
"""

import logging
import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import states as account_states
from accounts.models import BrokerageAccount, DetailsChange
from accounts.operations import account_status, notices
from brokerage import stopping
from brokerage.gateways import broker_accounts, broker_portfolio
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError, patience
from brokerage.status import IllegalMove, LostRace, note
from brokerage.visit import Visit
from funding import closing_words, states
from funding.closing_checks import Standing
from funding.models import ACHRelationship, Closing, Freeze, Transfer
from funding.models.bank_rows import RelationshipQuerySet
from funding.operations import candidates, endings

log = logging.getLogger(__name__)

CONFLICT = 409
# Between tries, growing to this.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
FROZEN_PAUSE = timedelta(minutes=5)
_FORM_KEYS = uuid.UUID("4f0e8a52-0b0c-4c39-8e54-0a51d1a6f0c7")


class NotReady(Exception):
    """Something stands in the way; `look` says what."""

    customer_message = "Your account can’t be closed yet. See below what is left to do."


class FormOutOfDate(Exception):
    customer_message = "This page is out of date. Check everything and choose the button once more."


def form_key(*, account: BrokerageAccount) -> uuid.UUID:
    """Return the key of the account's next closing; it changes only when one has been reserved."""
    return uuid.uuid5(_FORM_KEYS, f"{account.pk} {Closing.objects.filter(brokerage_account=account).count()}")


def look(*, account: BrokerageAccount) -> Standing:
    """Ask the broker what the account holds, and return all that stands in the way."""
    told = account_status.refresh_cash(account=account)
    return _standing(account, cash=account.cash if told else None, positions=_positions(account))


def look_for_page(*, account: BrokerageAccount) -> Standing:
    """Return the same for a page, which waits no longer than two seconds for each answer."""
    with patience(account_status.PAGE_PATIENCE):
        return look(account=account)


def _positions(account: BrokerageAccount) -> tuple[str, ...] | None:
    try:
        held = broker_portfolio.list_positions(account.alpaca_id)
    except VendorError as fault:
        log.info("brokerage account %s: positions not read (%s)", account.pk, fault)
        return None
    return tuple(position.symbol for position in held)


def _standing(account: BrokerageAccount, *, cash: Decimal | None, positions: tuple[str, ...] | None) -> Standing:
    return Standing(
        is_open=account.status in account_states.OPENED,
        is_frozen=Freeze.stands_for(account),
        cash=cash,
        positions=positions,
        transfers=Transfer.objects.moving().filter(brokerage_account=account).count(),
        changes=DetailsChange.objects.open().filter(brokerage_account=account).count(),
    )


def request(*, account: BrokerageAccount, form_key: uuid.UUID, visit: Visit) -> Closing:
    """Reserve the closing of an empty account; `send` does the sending. The same form key gives back the same closing.

    Raises NotReady, FormOutOfDate.
    """
    existing = Closing.objects.filter(brokerage_account=account, form_key=form_key).first()
    return existing or _reserve(account, look(account=account), form_key, visit)


def _reserve(account: BrokerageAccount, seen: Standing, key: uuid.UUID, visit: Visit) -> Closing:
    """Decide under the account's lock on what the broker has just told, and on what stands here now."""
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=account.pk)
        existing = Closing.objects.filter(brokerage_account=account, form_key=key).first()
        if existing is not None:
            return existing
        if not _standing(account, cash=seen.cash, positions=seen.positions).is_ready:
            raise NotReady
        if key != form_key(account=account) or Closing.objects.open().filter(brokerage_account=account).exists():
            raise FormOutOfDate
        closing = Closing.objects.create(
            brokerage_account=account, form_key=key, ip_address=visit.ip_address, user_agent=visit.user_agent
        )
        note(closing, field="status", after=states.RESERVED, actor=f"customer {account.user_id}", because="asked for")
    log.info("closing %s of brokerage account %s reserved", closing.pk, account.pk)
    return closing


def call_off(*, closing: Closing, actor: str) -> bool:
    """Drop a closing of which nothing can have reached the broker; return whether that was still possible."""
    with transaction.atomic(durable=True):
        closing.refresh_from_db(from_queryset=Closing.objects.select_for_update())
        if closing.can_be_called_off:
            closing.move(states.WITHDRAWN, actor=actor, because="called off")
            return True
    return False


def send(*, closing: Closing, sender: str) -> None:
    """Ask the broker to close the account, and record what came of it; of a frozen one it waits."""
    if not _begin(closing, sender):
        return
    try:
        broker_accounts.close_account(closing.brokerage_account.alpaca_id)
    except NotSent as fault:
        _wait(closing, states.RESERVED, fault, actor=sender)
    except Refused as refusal:
        _take_refusal(closing, refusal, sender=sender)
    except OutcomeUnknown as doubt:
        _wait(closing, states.UNKNOWN, doubt, actor=sender)
        look_up(closing=closing, sender=sender)
    else:
        _done(closing, because="the broker closed it", sender=sender)


def _begin(closing: Closing, sender: str) -> bool:
    """Say under the account's lock that it is being sent, unless it was frozen since it was asked for."""
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=closing.brokerage_account_id)
        if not Freeze.stands_for(account):
            return _move(closing, states.SENDING, actor=sender, tries=closing.tries + 1, answer_status=None)
        Closing.objects.filter(pk=closing.pk).update(next_at=timezone.now() + FROZEN_PAUSE)
    log.warning("closing %s waits: the account is frozen", closing.pk)
    return False


def _wait(closing: Closing, to: str, fault: VendorError, *, actor: str) -> None:
    """Write down an outcome that is neither yes nor no, and when to go on."""
    also: dict[str, object] = {"next_at": timezone.now() + _pause(closing.tries), "answer_status": fault.http_status}
    also |= {"reason": fault.reason[:500]} if fault.reason else {}
    _move(closing, to, actor=actor, because=fault.what, evidence=fault.evidence, **also)


def _pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * 2 ** min(tries, 12), LONGEST_PAUSE)


def _move(closing: Closing, to: str, **how: object) -> bool:
    """Move, unless someone else was first: then the look-up tells."""
    try:
        with transaction.atomic():
            closing.move(to, **how)  # type: ignore[arg-type]  # `move` checks what it is given
    except (IllegalMove, LostRace):
        closing.refresh_from_db()
        log.info("closing %s is %s, and is not moved to %s", closing.pk, closing.status, to)
        return False
    log.info("closing %s → %s", closing.pk, to)
    return True


def _take_refusal(closing: Closing, refusal: Refused, *, sender: str) -> None:
    """Take the broker's no: our keys are wrong, or it is closed already, or it really is a no. The status tells."""
    if refusal.http_status in (401, 403) and "permitted" not in refusal.reason:
        log.error("closing %s: the broker refuses our keys (%s)", closing.pk, refusal)
        _wait(closing, states.RESERVED, refusal, actor=sender)
        return
    if refusal.http_status in (404, 405):
        log.error("closing %s: the broker does not know what we ask for (%s)", closing.pk, refusal)
    _wait(closing, states.UNKNOWN, refusal, actor="broker")
    look_up(closing=closing, sender=sender)


def look_up(*, closing: Closing, sender: str) -> None:
    """Find out by the account's status what became of a closing; one neither done nor refused is sent again."""
    account = closing.brokerage_account
    try:
        answer = broker_accounts.get_account(account.alpaca_id)
    except VendorError as fault:
        log.info("closing %s: look-up got no answer (%s)", closing.pk, fault)
        Closing.objects.filter(pk=closing.pk).update(next_at=timezone.now() + _pause(closing.tries))
        return
    if answer.status == account_states.CLOSED:
        _done(closing, because="read again: it is closed", sender=sender)
    elif closing.answer_status in _CLEAR_NO:
        _refuse(closing)
    else:
        _move(closing, states.RESERVED, actor=sender, because="read again: it is open, so it is asked again")


_CLEAR_NO = frozenset({400, 403, 404, 405, CONFLICT, 422})


def _refuse(closing: Closing) -> None:
    try:
        with transaction.atomic(durable=True):
            closing.move(states.REFUSED, actor="broker", because="refused, and the account is open")
            _tell(closing, closing_words.REFUSED)
    except (IllegalMove, LostRace):
        closing.refresh_from_db()


def _done(closing: Closing, *, because: str, sender: str) -> None:
    """Write down that the account is closed, which tells its customer, and let go of its bank."""
    try:
        with transaction.atomic(durable=True):
            closing.move(states.DONE, actor="broker", because=because, next_at=None)
    except (IllegalMove, LostRace):
        closing.refresh_from_db()
        if closing.status == states.UNKNOWN:  # a worker took us for dead; the answer came all the same
            _done(closing, because="the broker closed it, and answered late", sender=sender)
        return
    account = closing.brokerage_account
    account_status.apply(account=account, status=account_states.CLOSED, actor="broker")
    account.refresh_from_db()
    let_go_of_bank(account=account, sender=sender)


def _tell(closing: Closing, message: closing_words.Message) -> None:
    notices.tell(
        user=closing.brokerage_account.user,
        key=f"closing {closing.pk} {message.kind}",
        kind=f"CLOSING_{message.kind}",
        title=message.title,
        body=message.body,
        path=reverse("close"),
    )


def let_go_of_bank(*, account: BrokerageAccount, sender: str) -> None:
    """End what links a closed account to a bank, the usual way."""
    rows = ACHRelationship.objects.select_related("item", "brokerage_account__user").filter(brokerage_account=account)
    for candidate in rows.candidates():
        try:
            candidates.call_off(candidate=candidate, actor=sender)
        except candidates.TooLateToCallOff:
            log.info("relationship %s: goes on until it is the account's bank, and then ends", candidate.pk)
    for link in rows.active().filter(ending_at=None):
        try:
            endings.ask_to_unlink(relationship=link, actor=sender, because="the account is closed")
        except (endings.TransfersUnderWay, endings.NotLinked) as why:
            log.info("relationship %s: not ended yet (%s)", link.pk, type(why).__name__)
        else:
            endings.carry_on(relationship=link, sender=sender)


def expire_leases(*, sender: str) -> None:
    """Call unknown what a sender that died has left in SENDING."""
    for closing in stopping.while_wanted(Closing.objects.left_behind()):
        _move(closing, states.UNKNOWN, actor=sender, because="the sender died")


def pick_up_left_behind(*, sender: str) -> int:
    """Go on with closings that were left behind, and let go of the banks of closed accounts. Return how many."""
    expire_leases(sender=sender)
    # A customer's own request sends at once; what still stands after some seconds nobody is sending.
    due = Closing.objects.due().filter(status_at__lt=timezone.now() - timedelta(seconds=5))
    rows = due.select_related("brokerage_account__user")[:100]
    done = sum(_tried(closing, sender) for closing in stopping.while_wanted(rows))
    closed = BrokerageAccount.objects.filter(status=account_states.CLOSED, relationships__in=_still_linked())
    for account in stopping.while_wanted(closed.distinct()[:100]):
        let_go_of_bank(account=account, sender=sender)
    return done


def _still_linked() -> RelationshipQuerySet:
    return ACHRelationship.objects.living().filter(ending_at=None)


def _tried(closing: Closing, sender: str) -> int:
    """Do one closing's step; one that fails is reported and must not keep the others waiting."""
    step = look_up if closing.status == states.UNKNOWN else send
    try:
        step(closing=closing, sender=sender)
    except Exception:
        log.exception("closing %s could not be picked up", closing.pk)
    return 1
