"""Finding out what became of a transfer whose answer was lost, without ever asking for it again.

Called by the worker and admin; calls gateways.broker. The broker has no read of one transfer, so its list is searched.
Found once: adopted. Found more than once: a person decides. Not found: looked for again, until it is certain.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from accounts.models import StreamCursor
from brokerage import stopping
from brokerage.gateways import broker
from brokerage.gateways.errors import VendorError
from brokerage.status import LEASE, IllegalMove, LostRace
from funding import states
from funding.models import Lookup, SendAttempt, Transfer
from funding.models.records import TIME_NEEDED
from funding.operations import outcomes, settlement, telling

log = logging.getLogger(__name__)

# After the request, when each look-up is due; from then on every hour.
SCHEDULE = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(minutes=60),
    # Once the event stream, too, has been read past the hour that certifies.
    timedelta(minutes=62),
)
EVERY = timedelta(hours=1)
# Asked of the broker, and no answer known.
_ASKED = (states.SENDING, states.UNKNOWN)
# How much earlier than our own clock the broker's may say a transfer was made.
CLOCK_SKEW = timedelta(minutes=10)
# What it takes to certify that a transfer was never made.
PASSES_NEEDED = 5


def next_lookup_at(transfer: Transfer) -> datetime:
    """Return when the next look-up is due."""
    done = transfer.lookups.filter(heard=False).count()
    if done < len(SCHEDULE):
        return transfer.attempt.sent_at + SCHEDULE[done]
    return transfer.lookups.filter(heard=False).latest("at").at + EVERY


def in_doubt_since() -> datetime | None:
    """Return when the oldest transfer whose outcome we do not know was sent."""
    sent_at: datetime | None = Transfer.objects.unknown().aggregate(oldest=Min("attempt__sent_at"))["oldest"]
    return sent_at


def resolve_due(*, now: datetime | None = None) -> int:
    """Look up every unknown transfer whose time has come; return how many are known now."""
    now = now or timezone.now()
    known = 0
    unknown = Transfer.objects.unknown().select_related("attempt", "brokerage_account", "relationship")
    for transfer in stopping.while_wanted(unknown.order_by("created_at")):
        try:
            if next_lookup_at(transfer) <= now:
                known += _resolve_alone(transfer, now)
        except Exception:  # one poisonous row must not keep the others in doubt
            log.exception("transfer %s: the look-up failed", transfer.pk)
    return known


def _resolve_alone(transfer: Transfer, now: datetime) -> bool:
    """Look it up, unless another worker does: many looks at one moment are evidence of one look."""
    free = Q(looking_until=None) | Q(looking_until__lte=timezone.now())
    mine = SendAttempt.objects.filter(free, transfer=transfer)
    if not mine.update(looking_until=timezone.now() + LEASE):
        return False
    try:
        return next_lookup_at(transfer) <= now and resolve(transfer=transfer)
    finally:
        SendAttempt.objects.filter(transfer=transfer).update(looking_until=None)


def resolve(*, transfer: Transfer) -> bool:
    """Look one unknown transfer up; return whether its outcome is known now."""
    listed = _look_up(transfer)
    if listed is None:
        return False
    candidates = _unbound(fitting(transfer, listed))
    try:
        if len(candidates) == 1:
            outcomes.accept(transfer=transfer, answer=candidates[0], because="found in the broker's list")
            return True
        if candidates:
            ids = [row.alpaca_id for row in candidates]
            return _to_review(transfer, ids, because=f"{len(ids)} transfers at the broker could be it")
        return _certify_not_created(transfer, listed)
    except (IllegalMove, LostRace):
        return True  # someone else has found out in the meantime


def _look_up(transfer: Transfer) -> list[broker.TransferAnswer] | None:
    """Read the whole list and keep a record of the pass; None where it could not be read."""
    try:
        listed = broker.list_transfers(transfer.brokerage_account.alpaca_id, direction=transfer.direction)
    except VendorError as fault:
        log.info("transfer %s: look-up got no answer (%s)", transfer.pk, fault)
        Lookup.objects.create(transfer=transfer, complete=False)
        return None
    if has_holes(listed):
        log.error("transfer %s: the broker's list has holes, so it tells nothing", transfer.pk)
        Lookup.objects.create(transfer=transfer, complete=False, rows_read=len(listed))
        return None
    found = _unbound(fitting(transfer, listed))
    Lookup.objects.create(
        transfer=transfer, complete=True, rows_read=len(listed), candidates=[row.alpaca_id for row in found]
    )
    return listed


def has_holes(listed: list[broker.TransferAnswer]) -> bool:
    """Say whether a list leaves out what a transfer is known by: it tells nothing of one that it does not show."""
    return any(row.amount is None or not row.direction for row in listed)


def hear_of_stranger(*, account_id: str, alpaca_id: str) -> None:
    """Keep that the broker's news named a transfer which we hold no row for: it may be one that we doubt.

    Called before the stream's cursor moves on, so that no certificate can be given past it.
    """
    doubts = Transfer.objects.filter(brokerage_account__alpaca_id=account_id, sending__in=_ASKED)
    for transfer in doubts:
        if not any(alpaca_id in heard.candidates for heard in transfer.lookups.filter(heard=True)):
            Lookup.objects.create(transfer=transfer, heard=True, complete=False, candidates=[alpaca_id])


def fitting(transfer: Transfer, listed: list[broker.TransferAnswer]) -> list[broker.TransferAnswer]:
    """Return the broker's transfers that could be this one: same in all we asked for, and new enough."""
    earliest = transfer.attempt.sent_at - CLOCK_SKEW
    asked_for = (transfer.relationship.alpaca_id if transfer.relationship else "", transfer.direction, transfer.amount)
    return [
        row
        for row in listed
        if (row.relationship_id, row.direction, row.amount) == asked_for
        and (row.created_at is None or row.created_at >= earliest)
    ]


def _unbound(rows: list[broker.TransferAnswer]) -> list[broker.TransferAnswer]:
    bound = Transfer.objects.filter(alpaca_id__in=[row.alpaca_id for row in rows]).values_list("alpaca_id", flat=True)
    taken = set(bound)
    return [row for row in rows if row.alpaca_id not in taken]


def _to_review(transfer: Transfer, ids: list[str], *, because: str) -> bool:
    with transaction.atomic(durable=True):
        transfer.move_sending(states.REVIEW, actor="worker", because=because, evidence={"candidates": ids})
    log.error("transfer %s → REVIEW: %s", transfer.pk, because)
    return False


def named_and_not_listed(transfer: Transfer, listed: list[broker.TransferAnswer]) -> list[str]:
    """Return what the news, or an earlier list, named, without what this one shows, or a row of ours holds."""
    seen = transfer.lookups.values_list("candidates", flat=True)
    named = {alpaca_id for ids in seen for alpaca_id in ids} - {row.alpaca_id for row in listed}
    return sorted(named - set(Transfer.objects.filter(alpaca_id__in=named).values_list("alpaca_id", flat=True)))


def _certify_not_created(transfer: Transfer, listed: list[broker.TransferAnswer]) -> bool:
    """Declare that the transfer was never made, once every condition for that holds; the evidence goes into history.

    One that the broker's news has named, and its list does not show, is for a person.
    """
    sure_from = transfer.attempt.sent_at + TIME_NEEDED
    passes = list(transfer.lookups.filter(complete=True, candidates=[]).values_list("at", flat=True))
    stream_read = StreamCursor.has_read(
        settlement.STREAM,
        since=transfer.attempt.sent_at,
        until=sure_from,
        account_id=transfer.brokerage_account.alpaca_id,
    )
    # Many looks at one moment, once a broker that was away is back, are no hour of looking.
    if len(passes) < PASSES_NEEDED or passes[-1] - passes[0] < TIME_NEEDED or not stream_read:
        return False
    if unexplained := named_and_not_listed(transfer, listed):
        return _to_review(transfer, unexplained, because="the broker named one before that its list does not show")
    evidence = {"complete_passes": [at.isoformat() for at in passes], "stream_read_past": sure_from.isoformat()}
    with transaction.atomic(durable=True):
        transfer.move_sending(states.NOT_CREATED, actor="worker", because="never made at the broker", evidence=evidence)
        telling.tell_sending(transfer)
    log.warning("transfer %s → NOT_CREATED", transfer.pk)
    return True
