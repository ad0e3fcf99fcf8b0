"""How a login at a bank is, as Plaid tells it: read again whenever there is a hint, and what follows from it.

    a hint (webhook, refused call, repair, a day gone by) ──► read ──► health, accounts ──► links, notices, transfers

Called by webhooks, the worker, commands, admin, repairing and candidates; calls gateways.plaid. What the webhooks say
that no reading shows (the day of an end, one account revoked, new numbers) is taken from them, since they are signed.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from brokerage.gateways import plaid
from brokerage.gateways.errors import Refused
from brokerage.status import IllegalMove, LostRace
from funding import states, verbatim
from funding.models import ACHRelationship, Lost, PlaidItem
from funding.operations import settlement, shared_accounts, telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

# How long before the end of our access the customer is asked to sign in again: what Plaid's notice says, too.
ASK_BEFORE = timedelta(days=7)
# Plaid's words for what a customer can mend by signing in. https://plaid.com/docs/errors/item/
SIGN_IN_CODES = frozenset(
    [
        *("ITEM_LOGIN_REQUIRED", "INVALID_CREDENTIALS", "INVALID_MFA", "INVALID_UPDATED_USERNAME", "ITEM_LOCKED"),
        *("PASSWORD_RESET_REQUIRED", "USER_SETUP_REQUIRED", "USER_INPUT_TIMEOUT", "INSUFFICIENT_CREDENTIALS"),
        *("ACCESS_NOT_GRANTED", "ADDITIONAL_CONSENT_REQUIRED"),
    ]
)
REVOKED_CODES = frozenset({"USER_PERMISSION_REVOKED"})
GONE_CODES = frozenset({"ITEM_NOT_FOUND", "ITEM_CONCURRENTLY_DELETED"})
# The bank, not the login: it passes.
PASSING_CODES = frozenset({"INSTITUTION_DOWN", "INSTITUTION_NOT_RESPONDING", "INSTITUTION_NOT_AVAILABLE"})

_TOLD = {states.SIGN_IN: Kind.SIGN_IN, states.EXPIRING: Kind.EXPIRING, states.REVOKED: Kind.REVOKED}


def hear(*, item: PlaidItem, kind: str, code: str, news: Mapping[str, Any]) -> None:
    """Take one webhook of Plaid's about an item: `kind` and `code` in its words, `news` its whole body.

    A hint, as a rule: the item is read again, and what it says counts. Raises VendorError where it can't be read.
    """
    actor = f"plaid {code}"[:80]
    read(item=item, actor=actor, signed_in_again=code == "LOGIN_REPAIRED")
    if code in ("PENDING_DISCONNECT", "PENDING_EXPIRATION"):
        ends_at = _moment(news.get("disconnect_time") or news.get("consent_expiration_time"))
        _note_end(item, ends_at, actor=actor, because=verbatim.text(str(news.get("reason") or ""), 100))
    elif code == "USER_ACCOUNT_REVOKED":
        shared_accounts.lose(item=item, account_ids=[str(news.get("account_id"))], because=Lost.REVOKED, actor=actor)
    elif (kind, code) == ("AUTH", "DEFAULT_UPDATE"):
        changed = news.get("account_ids_with_updated_auth")
        ids = [str(each) for each in changed] if isinstance(changed, dict) else []
        shared_accounts.lose(item=item, account_ids=ids, because=Lost.NEW_NUMBERS, actor=actor)


@dataclass(frozen=True)
class Assessment:
    """What Plaid told of a login: how it is and its accounts, or the word it was refused with."""

    refused: str = ""
    reading: plaid.ItemReading | None = None
    accounts: plaid.Accounts | None = None


def read(*, item: PlaidItem, actor: str, signed_in_again: bool = False) -> None:
    """Ask Plaid how a login and its accounts are, and take it over. Raises VendorError where it does not say.

    `signed_in_again` is known from Link, or from Plaid: an end of our access that was announced is off.
    """
    if item.removed_at is not None or not item.access_token:
        return
    take(item=item, found=assess(item=item), actor=actor, signed_in_again=signed_in_again or item.signed_in_again)


def assess(*, item: PlaidItem) -> Assessment:
    """Ask Plaid how a login and its accounts are, and change nothing. Raises VendorError where it does not say."""
    try:
        reading = plaid.get_item(item.access_token, plaid_item_id=item.plaid_item_id)
        well = reading.error_code == ""
        accounts = plaid.get_accounts(item.access_token, plaid_item_id=item.plaid_item_id) if well else None
    except Refused as refusal:
        if _health_by(refusal.code) is None:
            report(item=item, refusal=refusal)
            raise
        return Assessment(refused=refusal.code)
    return Assessment(reading=reading, accounts=accounts)


def take(*, item: PlaidItem, found: Assessment, actor: str, signed_in_again: bool = False) -> None:
    """Take over what Plaid told of a login, and have its news sent to us."""
    if found.reading is None:
        take_error(item=item, code=found.refused, actor=actor)
        return
    with transaction.atomic(durable=True):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        _take(row, found.reading, actor=actor, signed_in_again=signed_in_again)
    if found.accounts is not None:
        shared_accounts.compare(item=row, found=found.accounts, actor=actor, signed_in_again=signed_in_again)
    _call_off(row)
    item.refresh_from_db()
    _direct_news(item, found.reading)


def take_error(*, item: PlaidItem, code: str, actor: str) -> bool:
    """Take what some call was refused with for how the login is; return whether it says anything about it."""
    health = _health_by(code)
    if health is None:
        return False
    with transaction.atomic(durable=True):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        row.error_code, row.read_at = code[:60], timezone.now()
        row.save(update_fields=["error_code", "read_at"])
        _move(row, health, actor=actor, because=code)
    _call_off(row)
    item.refresh_from_db()
    return True


def _health_by(code: str) -> str | None:
    groups = ((SIGN_IN_CODES, states.SIGN_IN), (REVOKED_CODES, states.REVOKED), (GONE_CODES, states.GONE))
    return next((health for codes, health in groups if code in codes), None)


def is_unfamiliar(code: str) -> bool:
    """Say whether this is a word for trouble that we do not know."""
    return bool(code) and _health_by(code) is None and code not in PASSING_CODES


def report(*, item: PlaidItem, refusal: Refused) -> None:
    """Raise an alarm where Plaid refuses for what neither a login nor a bank has; of our keys the gateway tells."""
    familiar = not is_unfamiliar(refusal.code) or refusal.code == "INVALID_ACCOUNT_ID"  # closed, or shared no more
    if not familiar and not plaid.is_our_fault(refusal):
        log.error("item %s: refused with %r", item.pk, refusal.code)


def _take(row: PlaidItem, reading: plaid.ItemReading, *, actor: str, signed_in_again: bool) -> None:
    """Write what a reading says of a locked login, and what follows from it."""
    row.read_at, row.error_code = timezone.now(), reading.error_code
    row.auth_method = reading.auth_method or row.auth_method
    row.institution_id = reading.institution_id or row.institution_id
    row.institution_name = reading.institution_name or row.institution_name
    if signed_in_again:
        row.disconnects_at = None
    health = health_by(row, reading)
    if health == states.EXPIRING:
        row.disconnects_at = reading.consent_expires_at or row.disconnects_at
    elif health == states.GOOD:
        row.disconnects_at = None
    names = ("read_at", "error_code", "auth_method", "institution_id", "institution_name", "disconnects_at")
    row.save(update_fields=list(names))
    _move(row, health, actor=actor, because=reading.error_code)


def health_by(row: PlaidItem, reading: plaid.ItemReading) -> str:
    """Return the health that a reading speaks of; a word we do not know changes nothing and is reported."""
    if reading.error_code:
        found = _health_by(reading.error_code)
        if is_unfamiliar(reading.error_code):
            log.error("item %s: unfamiliar error %r kept", row.pk, reading.error_code)
        return found or row.health
    # What the item does not tell of itself was announced by a webhook, and counts until its time has come.
    ends_at, now = reading.consent_expires_at or row.disconnects_at, timezone.now()
    return states.EXPIRING if ends_at and now < ends_at <= now + ASK_BEFORE else states.GOOD


def _note_end(item: PlaidItem, ends_at: datetime | None, *, actor: str, because: str) -> None:
    """Note that the bank is to end our access; one that is over, or that is later than the bank allows, is no news."""
    now = timezone.now()
    if ends_at is None or ends_at <= now:
        return
    with transaction.atomic(durable=True):
        row = PlaidItem.objects.select_for_update(no_key=True).get(pk=item.pk)
        if row.health != states.GOOD:
            return
        row.disconnects_at = ends_at
        row.save(update_fields=["disconnects_at"])
        _move(row, states.EXPIRING, actor=actor, because=because)


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _move(row: PlaidItem, health: str, *, actor: str, because: str) -> None:
    """Move a locked login's health, with what follows from it for its links, and tell its customer."""
    before = row.health
    if before == health:
        return
    try:
        row.move_health(health, actor=actor, because=because)
    except (IllegalMove, LostRace):  # it is gone already
        return
    log.info("item %s %s → %s", row.pk, before, health)
    links = ACHRelationship.objects.living().select_for_update().filter(item=row)
    for link in links:
        if health in states.ACCESS_LOST:
            _lose(link, actor=actor)
        elif before in states.ACCESS_LOST and link.lost_because == Lost.REVOKED:
            shared_accounts.reach_again(link, actor=actor)
    if links:
        _tell(row, before)


def _lose(link: ACHRelationship, *, actor: str) -> None:
    if link.sending in states.UNSENT_LINK:
        link.move_sending(states.WITHDRAWN, actor=actor, because="our access at the bank has ended")
    else:
        link.lose(Lost.REVOKED, actor=actor)


def _tell(row: PlaidItem, before: str) -> None:
    if row.health == states.GOOD and before == states.EXPIRING:
        return  # nothing had stopped
    kind = _TOLD.get(row.health, Kind.REPAIRED if row.health == states.GOOD else Kind.REVOKED)
    telling_banks.tell_of_login(row, kind, episode=row.health_at.isoformat())


def _call_off(item: PlaidItem) -> None:
    """Call off what waits for a bank account that can't be reached any more; nothing of it was sent."""
    for link in ACHRelationship.objects.living().filter(item=item).exclude(lost_at=None):
        settlement.withdraw_waiting(relationship=link, because=states.OUT_OF_REACH)


def _direct_news(item: PlaidItem, reading: plaid.ItemReading) -> None:
    """Have the item's news come to us, where they go elsewhere: an older address, or none."""
    wanted = settings.PLAID_WEBHOOK_URL
    if wanted and reading.webhook != wanted and item.health not in states.ACCESS_LOST:
        plaid.set_webhook(access_token=item.access_token, url=wanted)
