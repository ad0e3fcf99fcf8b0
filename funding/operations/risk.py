"""The gate that every deposit passes before it is sent: a live look at the bank, rules, a decision that is kept.

    RESERVED ──► allowed: sent at once │ held: a person decides │ declined: the customer is told why

Called by transfers before a deposit is claimed, and by admin for the held ones; calls gateways.plaid. The database
itself refuses to let a deposit be sent that has no allowing decision.
"""

import logging
import uuid
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import User
from brokerage.gateways import plaid
from brokerage.gateways.errors import Refused, VendorError
from brokerage.status import LEASE, IllegalMove, LostRace
from funding import return_codes, risk_rules, states
from funding.models import ACHRelationship, Brake, RiskDecision, Transfer
from funding.operations import item_health, telling
from funding.risk_rules import Bounds, Facts, Verdict

log = logging.getLogger(__name__)

GATE = "risk gate"
RETURNS_WITHIN = timedelta(days=60)


class NotHeld(Exception):
    """The transfer is not waiting for a person any more; read it again."""


def clear(*, transfer: Transfer) -> bool:
    """Decide about a reserved deposit, once; return whether it may be sent.

    Asks Plaid, so no transaction may be open. The decision, its inputs and what follows from it commit together.
    Whoever asks, asks alone: another one's question, refused by Plaid's limits, would look as if the bank were away.
    """
    if transfer.cleared_by_id:
        return True
    try:
        _take_turn(transfer)
        facts = _gather(transfer)
        _keep(transfer, risk_rules.judge(facts, _bounds()), facts)
    except (IllegalMove, LostRace):
        transfer.refresh_from_db()  # canceled meanwhile, or another process was first
    return transfer.cleared_by_id is not None


def _take_turn(transfer: Transfer) -> None:
    """Be the one who asks; who has died over it is overtaken. Raises LostRace."""
    now = timezone.now()
    nobody_asks = Q(asking_until=None) | Q(asking_until__lt=now)
    undecided = Transfer.objects.filter(nobody_asks, pk=transfer.pk, sending=states.RESERVED, cleared_by=None)
    if not undecided.update(asking_until=now + LEASE):
        raise LostRace(f"transfer {transfer.pk} is decided, or another process asks")


def _bounds() -> Bounds:
    return Bounds(
        when_away=settings.RISK_WHEN_AWAY,
        manual_bank=settings.RISK_MANUAL_BANK,
        deposits_per_day=settings.RISK_DEPOSITS_PER_DAY,
        deposits_per_week=Decimal(settings.RISK_DEPOSITS_PER_WEEK),
        new_bank_days=settings.RISK_NEW_BANK_DAYS,
        new_bank_limit=Decimal(settings.RISK_NEW_BANK_LIMIT),
    )


def _gather(transfer: Transfer) -> Facts:
    """Return the facts: our own books first, then the bank's word, as late as can be."""
    relationship = transfer.relationship
    assert relationship is not None  # noqa: S101 - a deposit asked for here has one, by constraint
    now = timezone.now()
    earlier = Transfer.objects.of(transfer.brokerage_account, states.INCOMING).exclude(pk=transfer.pk)
    counted = earlier.counted()
    back = earlier.filter(status=states.RETURNED)
    week = counted.filter(created_at__gt=now - timedelta(days=7)).aggregate(sum=Sum("amount"))["sum"]
    balance, away = _balance(relationship)
    signal = _signal(transfer, relationship)
    return Facts(
        amount=transfer.amount,
        balance=balance,
        away=away,
        signal=signal.result,
        scores=signal.scores,
        deposits_in_a_day=counted.filter(created_at__gt=now - timedelta(days=1)).count(),
        deposited_in_a_week=week or Decimal("0.00"),
        bank_age_days=(now - relationship.created_at).days,
        returns=tuple(back.filter(ended_at__gt=now - RETURNS_WITHIN).values_list("return_code", flat=True)),
        unauthorized_ever=back.filter(return_code__in=return_codes.UNAUTHORIZED).exists(),
        brake=Brake.is_on(),
    )


def _balance(relationship: ACHRelationship) -> tuple[Decimal | None, str]:
    """Return what the bank says can be debited now, or None and why it could not be had."""
    item = relationship.item
    if item is None:
        return None, "by number"
    try:
        found = plaid.get_balance(access_token=item.access_token, plaid_account_id=relationship.plaid_account_id)
    except Refused as refusal:
        log.warning("relationship %s: no balance (%s)", relationship.pk, refusal)
        item_health.take_error(item=item, code=refusal.code, actor=GATE)
        return None, "sign in again" if item.health in states.NO_DEPOSITS else "away"
    except VendorError as fault:
        log.warning("relationship %s: no balance (%s)", relationship.pk, fault)
        return None, "away"
    return found.known, "" if found.known is not None else "no balance"


def _signal(transfer: Transfer, relationship: ACHRelationship) -> plaid.SignalAnswer:
    """Return Signal's word. Each id can be asked about once, so a repeat after a crash goes by another one."""
    if relationship.item is None or not settings.RISK_SIGNAL:
        return plaid.SignalAnswer("")
    for transaction_id in (str(transfer.pk), str(uuid.uuid4())):
        try:
            found = plaid.evaluate_signal(
                access_token=relationship.item.access_token,
                plaid_account_id=relationship.plaid_account_id,
                transaction_id=transaction_id,
                amount=transfer.amount,
                user_id=str(transfer.user_id),
            )
        except VendorError as fault:
            log.warning("transfer %s: no word from Signal (%s)", transfer.pk, fault)
            if fault.code != "CLIENT_TRANSACTION_ID_ALREADY_IN_USE":
                break
        else:
            return plaid.SignalAnswer(found.result or "NO RESULT", found.scores)
    return plaid.SignalAnswer("AWAY")


def _keep(transfer: Transfer, verdict: Verdict, facts: Facts) -> None:
    """Write the decision with its inputs, and what follows from it. Raises IllegalMove, LostRace."""
    with transaction.atomic(durable=True):
        row = Transfer.objects.select_for_update().get(pk=transfer.pk)
        if row.sending != states.RESERVED or row.cleared_by_id:
            raise LostRace(f"transfer {row.pk} is decided already")
        decision = RiskDecision.objects.create(
            transfer=transfer,
            actor=GATE,
            outcome=verdict.outcome,
            rules_version=risk_rules.VERSION,
            reasons=list(verdict.rules),
            inputs=_as_document(facts),
        )
        _follow(transfer, decision, actor=GATE)
    log.info("transfer %s: risk gate: %s (%s)", transfer.pk, verdict.outcome, "; ".join(verdict.rules) or "no rule")


def _as_document(facts: Facts) -> dict[str, Any]:
    """Return the facts as JSON takes them; amounts are text."""
    plain: Mapping[type, Any] = {Decimal: "{:.2f}".format, tuple: list}
    return {name: plain.get(type(value), lambda same: same)(value) for name, value in vars(facts).items()}


def _follow(transfer: Transfer, decision: RiskDecision, *, actor: str) -> None:
    """Do what a decision says, inside the transaction that wrote it."""
    because = "; ".join(decision.reasons)
    if decision.outcome == risk_rules.ALLOW:
        if transfer.sending == states.HELD:
            transfer.move_sending(states.RESERVED, actor=actor, because=because)
        transfer.cleared_by = decision
        transfer.save(update_fields=["cleared_by"])
    elif decision.outcome == risk_rules.HOLD:
        transfer.move_sending(states.HELD, actor=actor, because=because)
    else:
        transfer.move_sending(states.DECLINED, actor=actor, because=because, reason=because[:500])
    telling.tell_sending(transfer)


def allow_held(*, transfer: Transfer, because: str, person: User) -> None:
    """Let a held deposit go on, on a person's word; the worker sends it. Raises NotHeld."""
    _decide_held(transfer, risk_rules.ALLOW, because, person)


def decline_held(*, transfer: Transfer, because: str, person: User) -> None:
    """Decline a held deposit on a person's word. Raises NotHeld."""
    _decide_held(transfer, risk_rules.DECLINE, because, person)


def _decide_held(transfer: Transfer, outcome: str, because: str, person: User) -> None:
    actor = f"ops {person.pk}"
    try:
        with transaction.atomic(durable=True):
            row = Transfer.objects.select_for_update().get(pk=transfer.pk)
            if row.sending != states.HELD:
                raise NotHeld
            decision = RiskDecision.objects.create(
                transfer=row, actor=actor, outcome=outcome, rules_version=risk_rules.VERSION, reasons=[because[:300]]
            )
            _follow(row, decision, actor=actor)
    except (IllegalMove, LostRace):
        raise NotHeld from None
    log.info("transfer %s: held, %s by %s", transfer.pk, outcome, actor)
