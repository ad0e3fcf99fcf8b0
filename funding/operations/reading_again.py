"""Reading one transfer, or one bank account, from the broker again, on the wish of a person of ops.

Called by the desk; calls reconciliation, resolving and relationships, and asks for nothing but lists. That somebody
asked is kept in the log; what it changes stands in the histories as reconciliation's.
"""

import logging
from collections.abc import Iterable

from accounts.findings import Finding
from accounts.models import User
from funding import break_kinds, states
from funding.models import ACHRelationship, Break, Transfer
from funding.operations import reconciliation, relationship_reconciliation, relationships, resolving
from funding.operations.breaks import Book

log = logging.getLogger(__name__)


class BrokerAway(Exception):
    """The broker did not tell; nothing was changed."""


class NothingToRead(Exception):
    """The broker has not heard of it."""


def read_transfer(*, transfer: Transfer, person: User) -> list[Finding]:
    """Compare the transfers of this one's account with the broker's list, and return what differed.

    One whose outcome is unknown is looked up. Raises BrokerAway, NothingToRead.
    """
    log.info("transfer %s: read again by ops %s", transfer.pk, person.pk)
    if transfer.sending == states.UNKNOWN:
        return _look_up(transfer)
    if transfer.alpaca_id is None:
        raise NothingToRead
    account = transfer.brokerage_account
    found = _told(reconciliation.reconcile_account(account=account))
    book = Book([account.pk], break_kinds.codes(break_kinds.TRANSFERS))
    book.keep(account.pk, found, unsure=[Break.CASH])
    transfer.refresh_from_db()
    return found


def _told(findings: Iterable[Finding]) -> list[Finding]:
    """Return what was found. Raises BrokerAway where the broker did not tell."""
    found = list(findings)
    if any(not finding.code for finding in found):
        raise BrokerAway
    return found


def _look_up(transfer: Transfer) -> list[Finding]:
    known = resolving.resolve(transfer=transfer)
    transfer.refresh_from_db()
    if not known and not transfer.lookups.filter(heard=False).latest("at").complete:
        raise BrokerAway
    subject = f"transfer {transfer.pk}"
    what = f"its outcome is known: {transfer.sending}" if known else "not in the broker's list; it is looked for again"
    return [Finding(subject, what, mended=True)]


def read_bank(*, relationship: ACHRelationship, person: User) -> list[Finding]:
    """Compare a bank account with the broker's list, and return what differed.

    One of which the outcome is unknown is looked up. Raises BrokerAway, NothingToRead.
    """
    log.info("relationship %s: read again by ops %s", relationship.pk, person.pk)
    before = relationship.sending
    if before not in (states.UNKNOWN, states.ACCEPTED, states.REVIEW) or relationship.ended_at:
        raise NothingToRead
    if before == states.UNKNOWN:
        relationships.look_up(relationship=relationship)
        relationship.refresh_from_db()
        if relationship.sending == before:
            raise BrokerAway
        return [Finding(f"relationship {relationship.pk}", f"{before} → {relationship.sending}", mended=True)]
    account = relationship.brokerage_account
    found = _told(relationship_reconciliation.reconcile_account(account=account))
    book = Book([account.pk], break_kinds.codes(break_kinds.LINKS))
    book.keep(account.pk, found, unsure=relationship_reconciliation.unsure_of(account))
    relationship.refresh_from_db()
    return found
