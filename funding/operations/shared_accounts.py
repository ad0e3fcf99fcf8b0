"""The accounts that a login shows now, against those of it that are linked: shared, revoked, renumbered, verified.

Called by item_health with what Plaid has just told.
"""

import logging
from collections.abc import Collection

from django.conf import settings
from django.db import transaction

from brokerage.gateways import plaid
from funding import states
from funding.models import ACHRelationship, Lost, PlaidItem
from funding.operations import telling_banks
from funding.operations.telling_banks import Kind

log = logging.getLogger(__name__)

# Plaid's words for how an account was verified. https://plaid.com/docs/auth/coverage/
VERIFIED = frozenset({"", "automatically_verified", "manually_verified", "database_matched", "database_insights_pass"})
PENDING = frozenset({"pending_automatic_verification", "pending_manual_verification", "unsent"})
FAILED = frozenset({"verification_expired", "verification_failed", "database_insights_fail"})


def is_verified(verification: str) -> bool:
    """Say whether an account is known to be its customer's; a word we do not know is waited on, and reported."""
    if verification not in VERIFIED | PENDING | FAILED:
        log.error("unfamiliar verification %r kept", verification)
    return verification in VERIFIED


def compare(*, item: PlaidItem, found: plaid.Accounts, actor: str, signed_in_again: bool) -> None:
    """Take over what a login's accounts are now, link by link."""
    shown = {account.plaid_account_id: account for account in found.accounts}
    for link in ACHRelationship.objects.living().filter(item=item):
        with transaction.atomic(durable=True):
            row = ACHRelationship.objects.select_for_update().get(pk=link.pk)
            account = shown.get(row.plaid_account_id)
            if row.ended_at is None and account is None:
                _not_shared(row, actor=actor)
            elif row.ended_at is None and account is not None:
                _shown(row, account, actor=actor, signed_in_again=signed_in_again)


def _not_shared(row: ACHRelationship, *, actor: str) -> None:
    if row.sending in states.UNSENT_LINK:
        row.move_sending(states.WITHDRAWN, actor=actor, because="the account is not shared any more")
        telling_banks.tell(row, Kind.NOT_SHARED)
    elif row.lost_at is None:
        row.lose(Lost.NOT_SHARED, actor=actor)
        telling_banks.tell(row, Kind.NOT_SHARED)


def _shown(row: ACHRelationship, account: plaid.BankAccount, *, actor: str, signed_in_again: bool) -> None:
    if row.verification != account.verification or (account.persistent_id and not row.persistent_id):
        row.verification, row.persistent_id = account.verification, account.persistent_id or row.persistent_id
        row.save(update_fields=["verification", "persistent_id"])
    if row.sending == states.UNVERIFIED:
        _verify(row, actor=actor)
    if row.lost_because == Lost.NOT_SHARED or (signed_in_again and row.lost_because == Lost.REVOKED):
        reach_again(row, actor=actor)
    if signed_in_again and row.lost_at is None and _renews(row) and not row.is_candidate:
        row.lose(Lost.NEW_NUMBERS, actor=actor)


def _verify(row: ACHRelationship, *, actor: str) -> None:
    """Move a candidate on where its small deposits have come to an end."""
    if is_verified(row.verification):
        row.move_sending(states.CHECKING, actor=actor, because=row.verification)
    elif row.verification in FAILED:
        row.move_sending(states.REFUSED, actor=actor, because=row.verification, reason=states.NOT_VERIFIED)
        telling_banks.tell(row, Kind.NOT_VERIFIED)


def reach_again(row: ACHRelationship, *, actor: str) -> None:
    """Note, inside a transaction, that a lost account is there again.

    Numbers that a bank has made for us died with our access, so a relationship that stands on them is made anew.
    """
    if row.persistent_id or _renews(row):
        row.find_again(actor=actor)
        row.lose(Lost.NEW_NUMBERS, actor=actor)
    else:
        row.find_again(actor=actor)


def _renews(row: ACHRelationship) -> bool:
    """Say whether the bank makes numbers anew whenever its customer signs in for us."""
    return row.item is not None and row.item.institution_id in settings.PLAID_RENEWING_BANKS


def lose(*, item: PlaidItem, account_ids: Collection[str], because: str, actor: str) -> None:
    """Note that these accounts of a login can't be reached by what we hold."""
    for link in ACHRelationship.objects.active().filter(item=item, plaid_account_id__in=account_ids):
        with transaction.atomic(durable=True):
            row = ACHRelationship.objects.select_for_update().get(pk=link.pk)
            if row.ended_at is None and row.lost_at is None:
                row.lose(because, actor=actor)
                if because != Lost.NEW_NUMBERS:  # which is mended, and told, by succession
                    telling_banks.tell_of_login(item, Kind.REVOKED, episode=row.pk)
