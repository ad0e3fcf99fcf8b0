"""Deposits and withdrawals, from the customer's click to the broker's answer.

Called by views, admin and the worker; calls gateways.broker; has never heard of a request. The order of things is what
keeps money safe: the intent is committed, then claimed and committed, then sent once, then its answer is committed.
"""

import hashlib
import logging
import uuid
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from brokerage import banking_days
from brokerage.gateways import broker
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from brokerage.status import LEASE, IllegalMove, LostRace, note
from brokerage.visit import Visit
from funding import states, verbatim
from funding.models import ACHRelationship, DebitAuthorization, SendAttempt, Transfer
from funding.models.transfers import IN_FLIGHT_CONSTRAINT
from funding.operations import authorization, limits, settlement

log = logging.getLogger(__name__)

_FORM_KEYS = uuid.UUID("6b5f2f0e-6d0e-4c4f-9f57-0f5ab1f1a4d2")


class TransferNotPossible(Exception):
    """A transfer can't be made now; `customer_message` says why and what to do."""

    customer_message = "This transfer can’t be made right now."


class AccountNotActive(TransferNotPossible):
    customer_message = "Your brokerage account is not open for transfers at the moment."


class RelationshipNotUsable(TransferNotPossible):
    customer_message = "Your linked bank account can’t be used for transfers at the moment."


class TransferInDoubt(TransferNotPossible):
    customer_message = (
        "Another transfer in this direction is still being confirmed with the broker. "
        "Wait until it is, and then ask again; please don’t send it twice."
    )


class FormOutOfDate(TransferNotPossible):
    customer_message = "This page is out of date. Check the amount and choose the button once more."


class FormUsedAlready(TransferNotPossible):
    customer_message = (
        "This page was used for another amount already, so nothing new was sent. "
        "Look at your transfers; to make another one, start it anew."
    )


def form_key(*, user: User, direction: str) -> uuid.UUID:
    """Return the key of the user's next intent in this direction.

    It changes only when a transfer has been reserved, so that double clicks, reloads, the back button and any number of
    tabs and devices all confirm one and the same transfer.
    """
    count = Transfer.objects.filter(user=user, direction=direction).exclude(form_key=None).count()
    return uuid.uuid5(_FORM_KEYS, f"{user.pk} {direction} {count}")


def request_transfer(
    *, user: User, account: BrokerageAccount, direction: str, amount: Decimal, form_key: uuid.UUID, visit: Visit
) -> Transfer:
    """Reserve a transfer of `amount` US dollars; `send` does the sending.

    The same form key with the same amount always gives back the same transfer, and changes nothing.
    A withdrawal wants the account's cash refreshed before (see accounts.operations.account_status).
    Raises AccountNotActive, RelationshipNotUsable, TransferInDoubt, FormOutOfDate, FormUsedAlready,
    limits.LimitReached.
    """
    parameters = hashlib.sha256(f"{account.pk} {direction} {amount:.2f}".encode()).hexdigest()
    existing = Transfer.objects.filter(user=user, form_key=form_key).first()
    if existing is None:
        existing = _reserve(user, account.pk, direction, amount, form_key, parameters, visit)
    if existing.parameters_hash != parameters:
        raise FormUsedAlready
    return existing


def _reserve(
    user: User,
    account_id: uuid.UUID,
    direction: str,
    amount: Decimal,
    key: uuid.UUID,
    parameters: str,
    visit: Visit,
) -> Transfer:
    """Decide under the account's lock, and commit intent, authorization and history together."""
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=account_id, user=user)
        existing = Transfer.objects.filter(user=user, form_key=key).first()
        if existing is not None:
            return existing
        if key != form_key(user=user, direction=direction):
            raise FormOutOfDate
        relationship = _require_possible(account, direction)
        limits.require_within(account=account, direction=direction, amount=amount)
        now = timezone.now()
        transfer = Transfer.objects.create(
            user=user,
            brokerage_account=account,
            relationship=relationship,
            direction=direction,
            amount=amount,
            form_key=key,
            parameters_hash=parameters,
            created_at=now,
            expected_on=banking_days.arrives_on(now),
        )
        note(transfer, field="sending", after=states.RESERVED, actor=f"customer {user.pk}", because="asked for")
        if transfer.is_deposit:
            _authorize(transfer, visit)
    log.info("transfer %s reserved", transfer.pk)
    return transfer


def _require_possible(account: BrokerageAccount, direction: str) -> ACHRelationship:
    """Return the relationship to use. Raises AccountNotActive, RelationshipNotUsable, TransferInDoubt."""
    if not account.is_active:
        raise AccountNotActive
    relationship = ACHRelationship.objects.active().select_related("item").filter(brokerage_account=account).first()
    if relationship is None or not relationship.may_become_usable:
        raise RelationshipNotUsable
    if Transfer.objects.of(account, direction).in_doubt().exists():
        raise TransferInDoubt
    return relationship


def _authorize(transfer: Transfer, visit: Visit) -> None:
    """Keep the words that the customer agreed to, with where they came from."""
    relationship = transfer.relationship
    assert relationship is not None  # noqa: S101 - a transfer that was asked for here has one, by constraint
    DebitAuthorization.objects.create(
        transfer=transfer,
        text=authorization.sentence(relationship=relationship, amount=transfer.amount, at=transfer.created_at),
        version=authorization.VERSION,
        ip_address=visit.ip_address,
        user_agent=visit.user_agent,
    )


def send(*, transfer: Transfer, sender: str) -> None:
    """Send one reserved transfer to the broker, at most once, and record what came of it.

    One whose bank account is not approved yet stays reserved; so does one that another in flight keeps waiting.
    """
    if not _claim(transfer, sender):
        return
    relationship = transfer.relationship
    assert relationship is not None  # noqa: S101 - `_claim` read it as usable
    assert relationship.alpaca_id  # noqa: S101
    try:
        answer = broker.create_transfer(
            account_id=transfer.brokerage_account.alpaca_id,
            relationship_id=relationship.alpaca_id,
            direction=transfer.direction,
            amount=transfer.amount,
        )
    except NotSent as fault:
        _record(transfer, states.NOT_SENT, fault, actor=sender)
    except Refused as refusal:
        _record(transfer, states.REFUSED, refusal, actor="broker")
        if _refuses_our_keys(refusal):
            log.error("transfer %s: the broker refuses our keys (%s)", transfer.pk, refusal)
    except OutcomeUnknown as doubt:
        # Never sent again: the broker takes no key here. Only a look-up may tell what became of it.
        _record(transfer, states.UNKNOWN, doubt, actor=sender)
    else:
        _bind(transfer, answer)


def _refuses_our_keys(refusal: Refused) -> bool:
    """Say whether the broker refuses us and not the customer, whose missing permission it names."""
    names_permission = "permitted" in refusal.reason or "withdrawable" in refusal.reason
    return refusal.http_status == 401 or (refusal.http_status == 403 and not names_permission)


def _claim(transfer: Transfer, sender: str) -> bool:
    """Move to SENDING and write the attempt, both committed before the first byte leaves; False if it must wait."""
    now = timezone.now()
    try:
        with transaction.atomic(durable=True):
            account = BrokerageAccount.objects.select_for_update().get(pk=transfer.brokerage_account_id)
            transfer.relationship = ACHRelationship.objects.filter(transfers=transfer).first()
            if transfer.relationship is None or not (account.is_active and transfer.relationship.usable):
                return False
            transfer.move_sending(states.SENDING, actor=sender)
            SendAttempt.objects.create(transfer=transfer, sender=sender, sent_at=now, lease_until=now + LEASE)
    except (IllegalMove, LostRace):
        return False
    except IntegrityError as conflict:
        if IN_FLIGHT_CONSTRAINT not in str(conflict) and "brokerage_account_id" not in str(conflict):
            raise
        transfer.refresh_from_db()
        return False
    return True


def _bind(transfer: Transfer, answer: broker.TransferAnswer) -> None:
    """Accept the answer to our own request, also where a worker has taken us for dead in the meantime."""
    try:
        accept(transfer=transfer, answer=answer, because="the broker accepted it")
    except LostRace:
        transfer.refresh_from_db()
        if transfer.sending in (states.UNKNOWN, states.REVIEW) and not transfer.alpaca_id:
            accept(transfer=transfer, answer=answer, because="the broker accepted it, and answered late")
        elif transfer.alpaca_id != answer.alpaca_id:
            log.error("transfer %s is %s, and accepted as %s", transfer.pk, transfer.sending, answer.alpaca_id)


def accept(*, transfer: Transfer, answer: broker.TransferAnswer, because: str) -> None:
    """Bind the broker's transfer to ours, keep its answer as it came, and alarm where it is not what we asked for."""
    oddities = differences(transfer, answer)
    with transaction.atomic(durable=True):
        transfer.move_sending(
            states.ACCEPTED,
            actor="broker",
            because=because,
            evidence={"alpaca_id": answer.alpaca_id},
            alpaca_id=answer.alpaca_id,
            accepted_at=timezone.now(),
        )
        _answer_attempt(transfer, http_status=200, request_id=answer.request_id, answer=verbatim.document(answer.raw))
        if oddities:
            transfer.move_sending(states.REVIEW, actor="broker", because="; ".join(oddities))
    if oddities:
        log.error("transfer %s: the broker's answer differs: %s", transfer.pk, "; ".join(oddities))
    log.info("transfer %s accepted as %s", transfer.pk, answer.alpaca_id)
    settlement.apply(transfer=transfer, status=answer.status or states.QUEUED, actor="broker", reason=answer.reason)
    transfer.refresh_from_db()


def differences(transfer: Transfer, answer: broker.TransferAnswer) -> list[str]:
    """Return how the broker's transfer differs from the intent; a field that is missing is no difference."""
    relationship_id = transfer.relationship.alpaca_id if transfer.relationship else None
    pairs = (
        ("account", answer.account_id, transfer.brokerage_account.alpaca_id),
        ("direction", answer.direction, transfer.direction),
        ("relationship", answer.relationship_id, relationship_id),
        ("amount", answer.amount, transfer.amount),
    )
    return [f"another {name}" for name, theirs, ours in pairs if theirs not in ("", None) and theirs != ours]


def _record(transfer: Transfer, to: str, fault: VendorError, *, actor: str) -> None:
    """Write down an outcome that is no yes."""
    evidence, reason = verbatim.document(fault.evidence), verbatim.text(fault.reason, 500)
    try:
        with transaction.atomic(durable=True):
            transfer.move_sending(to, actor=actor, because=fault.what, evidence=evidence, reason=reason)
            _answer_attempt(transfer, http_status=fault.http_status, request_id="", answer=evidence)
    except LostRace:
        transfer.refresh_from_db()  # a worker took us for dead and called it unknown: the look-up tells
    log.info("transfer %s → %s (%s)", transfer.pk, to, fault)


def _answer_attempt(transfer: Transfer, *, http_status: int | None, request_id: str, answer: dict[str, object]) -> None:
    """Complete the attempt; a later look-up does not overwrite what the broker said first."""
    SendAttempt.objects.filter(transfer=transfer, answered_at=None).update(
        answered_at=timezone.now(), http_status=http_status, request_id=request_id[:80], answer=answer
    )
