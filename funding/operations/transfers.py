"""Deposits and withdrawals, from the customer's click to the broker's answer.

Called by views, admin and the worker; calls gateways.broker; has never heard of a request. The order of things is what
keeps money safe: the intent is committed, then claimed and committed, then sent once, then its answer is committed.
"""

import hashlib
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import BrokerageAccount, User
from accounts.operations import audit
from brokerage import banking_days, money
from brokerage.gateways import broker
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused
from brokerage.status import LEASE, IllegalMove, LostRace, note
from brokerage.visit import Visit
from funding import states
from funding.models import ACHRelationship, Brake, Closing, DebitAuthorization, Freeze, SendAttempt, Transfer
from funding.models.transfers import IN_FLIGHT_CONSTRAINT
from funding.notice_wording import Kind
from funding.operations import authorization, limits, outcomes, risk, sent_before, telling

log = logging.getLogger(__name__)

_FORM_KEYS = uuid.UUID("6b5f2f0e-6d0e-4c4f-9f57-0f5ab1f1a4d2")


class TransferNotPossible(Exception):
    """A transfer can't be made now; `customer_message` says why and what to do."""

    customer_message = "This transfer can’t be made right now."


class AccountNotActive(TransferNotPossible):
    customer_message = "Your brokerage account is not open for transfers at the moment."


class AccountClosing(TransferNotPossible):
    customer_message = "Your account is being closed, so no new transfers are taken."


class AccountBlocked(TransferNotPossible):
    customer_message = "The broker has blocked this for your account at the moment. Your overview says more."


class RelationshipNotUsable(TransferNotPossible):
    customer_message = "Your linked bank account can’t be used for transfers at the moment."


class TransferInDoubt(TransferNotPossible):
    customer_message = (
        "Another transfer in this direction is still being confirmed with the broker, or looked at. "
        "Wait until it is, and then ask again; please don’t send it twice."
    )


class DepositsPaused(TransferNotPossible):
    customer_message = "New deposits are paused for everybody at the moment. Please try again tomorrow."


class AccountFrozen(TransferNotPossible):
    customer_message = (
        "Your account is frozen while we look into something: no money moves, in or out. Write to us, please."
    )


class AmountNotPossible(TransferNotPossible):
    customer_message = "Enter an amount in dollars and cents, such as 250.00"


class WordsChanged(TransferNotPossible):
    customer_message = "The words that you agree to have changed since you read them. Check them and choose once more."


class FormOutOfDate(TransferNotPossible):
    customer_message = "This page is out of date. Check the amount and choose the button once more."


class FormUsedAlready(TransferNotPossible):
    customer_message = (
        "This page was used for another amount already, so nothing new was sent. "
        "Look at your transfers; to make another one, start it anew."
    )


def form_key(*, user: User, direction: str) -> uuid.UUID:
    """Return the key of the user's next intent in this direction.

    It changes only when a transfer was reserved, or taken in, so that double clicks, reloads, the back button and any
    number of tabs confirm one and the same, and pages from before our books were put back confirm nothing any more.
    """
    count = Transfer.objects.filter(user=user, direction=direction).count()
    return uuid.uuid5(_FORM_KEYS, f"{user.pk} {direction} {count}")


@dataclass(frozen=True)
class _Intent:
    """What a customer confirmed."""

    user: User
    account: BrokerageAccount
    direction: str
    amount: Decimal
    form_key: uuid.UUID
    visit: Visit
    agreed_to: str


def request_transfer(
    *,
    user: User,
    account: BrokerageAccount,
    direction: str,
    amount: Decimal,
    form_key: uuid.UUID,
    visit: Visit,
    agreed_to: str = "",
) -> Transfer:
    """Reserve a transfer of `amount` US dollars; `send` does the sending.

    The same form key with the same amount always gives back the same transfer, and changes nothing. A deposit wants
    `agreed_to`, the digest of the authorization that was shown (see authorization.digest); a withdrawal wants the
    account's cash refreshed before (see accounts.operations.account_status).
    Raises what `require_possible` does, FormOutOfDate, FormUsedAlready, WordsChanged, AmountNotPossible, LimitReached.
    """
    try:
        intent = _Intent(user, account, direction, money.in_cents(amount), form_key, visit, agreed_to)
    except ValueError:
        raise AmountNotPossible from None
    parameters = _parameters_hash(intent)
    existing = Transfer.objects.filter(user=intent.user, form_key=intent.form_key).first()
    if existing is None:
        existing = _reserve(intent, parameters)
    if existing.parameters_hash != parameters:
        raise FormUsedAlready
    return existing


def _parameters_hash(intent: _Intent) -> str:
    return hashlib.sha256(f"{intent.account.pk} {intent.direction} {intent.amount:.2f}".encode()).hexdigest()


def _reserve(intent: _Intent, parameters: str) -> Transfer:
    """Decide under the account's lock, and commit intent, authorization and history together."""
    user, direction = intent.user, intent.direction
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=intent.account.pk, user=user)
        existing = Transfer.objects.filter(user=user, form_key=intent.form_key).first()
        if existing is not None:
            return existing
        if intent.form_key != form_key(user=user, direction=direction):
            raise FormOutOfDate
        relationship = _require_possible(account, direction)
        decided_on = limits.require_within(account=account, direction=direction, amount=intent.amount)
        now, actor = timezone.now(), f"customer {user.pk}"
        transfer = Transfer.objects.create(
            user=user,
            brokerage_account=account,
            relationship=relationship,
            direction=direction,
            amount=intent.amount,
            form_key=intent.form_key,
            parameters_hash=parameters,
            authorization=_authorize(intent, relationship, now) if direction == states.INCOMING else None,
            created_at=now,
            leaves_on=banking_days.leaves_on(now),
            expected_on=banking_days.arrives_on(now),
        )
        note(transfer, field="sending", after=states.RESERVED, actor=actor, because="asked for", evidence=decided_on)
        telling.tell(transfer, Kind.REQUESTED)
        audit.record(audit.Deed.TRANSFER_ASKED, actor=actor, about=audit.subject(transfer), direction=direction)
    log.info("transfer %s reserved", transfer.pk)
    return transfer


def _require_possible(account: BrokerageAccount, direction: str) -> ACHRelationship:
    """Return the relationship to use. Raises as `require_possible`."""
    relationship = ACHRelationship.objects.active().select_related("item").filter(brokerage_account=account).first()
    require_possible(account=account, relationship=relationship, direction=direction)
    assert relationship is not None  # noqa: S101 - just required
    return relationship


def require_possible(*, account: BrokerageAccount, relationship: ACHRelationship | None, direction: str) -> None:
    """Return where nothing stands in the way of a transfer; pages ask beforehand, and here it is decided.

    Raises AccountNotActive, -Frozen, -Closing or -Blocked, DepositsPaused, RelationshipNotUsable, TransferInDoubt.
    """
    if not account.is_active:
        raise AccountNotActive
    in_doubt = Transfer.objects.in_doubt().filter(brokerage_account=OuterRef("pk"), direction=direction)
    found = BrokerageAccount.objects.annotate(
        frozen=Exists(Freeze.objects.filter(brokerage_account=OuterRef("pk"), lifted_at=None)),
        closing=Exists(Closing.objects.open().filter(brokerage_account=OuterRef("pk"))),
        braked=Exists(Brake.objects.filter(lifted_at=None)),
        in_doubt=Exists(in_doubt),
    ).get(pk=account.pk)
    if found.frozen:
        raise AccountFrozen
    if found.closing:
        raise AccountClosing
    if not limits.broker_lets(account=account, direction=direction):
        raise AccountBlocked
    if found.braked and direction == states.INCOMING:
        raise DepositsPaused
    if relationship is None or not relationship.may_become_usable_for(direction):
        raise RelationshipNotUsable
    if found.in_doubt:
        raise TransferInDoubt


def _authorize(intent: _Intent, relationship: ACHRelationship, at: datetime) -> DebitAuthorization:
    """Keep the words that the customer agreed to, with where they came from. Raises WordsChanged."""
    text = authorization.sentence(relationship=relationship, amount=intent.amount, at=at)
    if intent.agreed_to != authorization.digest(text):
        raise WordsChanged
    return DebitAuthorization.objects.create(
        relationship=relationship,
        amount=intent.amount,
        text=text,
        version=authorization.VERSION,
        ip_address=intent.visit.ip_address,
        user_agent=intent.visit.user_agent,
        created_at=at,
    )


def send(*, transfer: Transfer, sender: str) -> None:
    """Send one reserved transfer to the broker, at most once, and record what came of it.

    One whose bank account is not approved yet stays reserved; so does one that another in flight keeps waiting.
    One that was not reserved just now is first looked for there; a deposit passes the risk gate, which may hold it.
    """
    if not _may_go_now(transfer) or sent_before.may_be(transfer=transfer, sender=sender):
        return
    if transfer.is_deposit and not risk.clear(transfer=transfer):
        return
    if not _claim(transfer, sender):
        return
    relationship = transfer.relationship
    assert relationship and relationship.alpaca_id  # noqa: S101, PT018 - `_claim` read it as usable
    try:
        answer = broker.create_transfer(
            account_id=transfer.brokerage_account.alpaca_id,
            relationship_id=relationship.alpaca_id,
            direction=transfer.direction,
            amount=transfer.amount,
        )
    except NotSent as fault:
        outcomes.record(transfer=transfer, to=states.NOT_SENT, fault=fault, actor=sender)
    except Refused as refusal:
        outcomes.refused(transfer=transfer, refusal=refusal)
    except OutcomeUnknown as doubt:
        # Never sent again: the broker takes no key here. Only a look-up may tell what became of it.
        outcomes.record(transfer=transfer, to=states.UNKNOWN, fault=doubt, actor=sender)
    else:
        outcomes.bind(transfer=transfer, answer=answer)


def _may_go_now(transfer: Transfer) -> bool:
    """Read anew, without a lock, whether anything keeps the transfer here; `_claim` looks again under the lock."""
    transfer.relationship = ACHRelationship.objects.select_related("item").filter(transfers=transfer).first()
    account = BrokerageAccount.objects.get(pk=transfer.brokerage_account_id)
    return transfer.sending == states.RESERVED and _is_unhindered(transfer, account)


def _is_unhindered(transfer: Transfer, account: BrokerageAccount) -> bool:
    """Say whether bank and account let the transfer go, as both were just read."""
    usable = transfer.relationship is not None and transfer.relationship.usable_for(transfer.direction)
    lets = account.is_active and limits.broker_lets(account=account, direction=transfer.direction)
    return usable and lets and not Freeze.stands_for(account)


def _claim(transfer: Transfer, sender: str) -> bool:
    """Move to SENDING and write the attempt, both committed before the first byte leaves; False if it must wait."""
    now = timezone.now()
    try:
        with transaction.atomic(durable=True):
            account = BrokerageAccount.objects.select_for_update().get(pk=transfer.brokerage_account_id)
            transfer.relationship = ACHRelationship.objects.filter(transfers=transfer).first()
            if not _is_unhindered(transfer, account):
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
