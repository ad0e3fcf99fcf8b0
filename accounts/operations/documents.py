"""The broker's documents of an account: which there are, and handing one out.

Called by views and admin; calls gateways.broker_documents. A document passes through in pieces and comes to rest
nowhere here; who asked for it is written down before its first byte goes out.
"""

import logging
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import BrokerageAccount, BrokerDocument, DocumentAccess, DocumentList, User
from accounts.models.documents import ALLOWED_FOR
from accounts.operations import audit
from brokerage.gateways import broker_documents
from brokerage.gateways.broker_documents import DocumentFile
from brokerage.gateways.errors import Refused, VendorError, patience

log = logging.getLogger(__name__)

# The list is asked for again when it is older than this while someone looks, and never more often.
GOOD_FOR = timedelta(minutes=2)
PAGE_PATIENCE = 2  # seconds
CUSTOMER, OPS = DocumentAccess.Actor.CUSTOMER, DocumentAccess.Actor.OPS


class NotHandedOut(Exception):
    """The broker could not be reached, or broke off before it had begun."""

    customer_message = "We can’t reach the broker right now. Nothing is lost; try again in a few minutes."


class DocumentRefused(NotHandedOut):
    """The broker does not have this document any more, or not for us."""

    customer_message = "The broker does not hand this document out. Write to us, and we get it for you."


class BrokenOff(Exception):
    """A document ended before its end. Whoever sends it on must not make it look whole."""


@dataclass(frozen=True)
class Reader:
    """Who asks for a document: the customer, or a person of ops, who has given a reason for it."""

    user: User
    actor: DocumentAccess.Actor
    ip_address: str | None


# --- The list ---------------------------------------------------------------------------------------------------------


def refresh_if_old(*, account: BrokerageAccount) -> DocumentList:
    """Read the list where it is older than two minutes, for a page that waits two seconds at most.

    Return how old our list is then. One process asks at a time, and right after an attempt that failed nobody does.
    """
    known = DocumentList.objects.filter(pk=account.pk).first() or DocumentList(brokerage_account=account)
    now = timezone.now()
    if not _claim(known, now):
        return known
    try:
        with patience(PAGE_PATIENCE):
            answers = broker_documents.list_documents(account.alpaca_id)
    except VendorError as fault:
        log.info("brokerage account %s: documents not listed (%s)", account.pk, fault)
        return known
    _keep(account, answers)
    known.as_of = now
    known.save(update_fields=["as_of"])
    return known


def _claim(known: DocumentList, now: datetime) -> bool:
    """Say whether it is for us to ask now, and keep others from asking as well."""
    if known.asked_at and known.asked_at > now - GOOD_FOR:
        return False
    DocumentList.objects.bulk_create([DocumentList(brokerage_account_id=known.pk)], ignore_conflicts=True)
    stale = Q(asked_at=None) | Q(asked_at__lte=now - GOOD_FOR)
    known.asked_at = now
    return bool(DocumentList.objects.filter(stale, pk=known.pk).update(asked_at=now))


def _keep(account: BrokerageAccount, answers: list[broker_documents.DocumentAnswer]) -> None:
    """Add what we have not seen yet; a document that is not listed any more stays, with who read it."""
    known = set(account.documents.values_list("alpaca_document_id", flat=True))
    new = [
        BrokerDocument(
            brokerage_account=account,
            alpaca_document_id=answer.alpaca_id,
            kind=answer.kind,
            name=answer.name,
            on=answer.on,
        )
        for answer in answers
        if answer.alpaca_id not in known and len(answer.alpaca_id) <= 64
    ]
    BrokerDocument.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)


# --- One document -----------------------------------------------------------------------------------------------------


def allow(*, document: BrokerDocument, person: User, because: str) -> None:
    """Let a person of ops fetch a document for ten minutes, for a reason that is kept."""
    DocumentAccess.objects.create(
        document=document, user=person, actor=OPS, outcome=DocumentAccess.Outcome.ALLOWED, because=because
    )


def is_allowed(*, document: BrokerDocument, person: User) -> bool:
    """Say whether this person of ops gave a reason within the last ten minutes."""
    since = timezone.now() - ALLOWED_FOR
    allowed = DocumentAccess.objects.filter(outcome=DocumentAccess.Outcome.ALLOWED, at__gt=since)
    return allowed.filter(document=document, user=person).exists()


def open_document(*, document: BrokerDocument, reader: Reader) -> "Sending":
    """Have the broker hand a document out, and write down who gets it. The caller closes what is returned.

    It has begun to come by then, so that a broker who breaks off at once is an answer, too. Raises NotHandedOut.
    """
    with ExitStack() as held:
        try:
            account_id = document.brokerage_account.alpaca_id
            file = held.enter_context(broker_documents.open_document(account_id, document.alpaca_document_id))
            first = next(file.pieces, b"")
        except VendorError as fault:
            refused = isinstance(fault, Refused)
            _note(document, reader, DocumentAccess.Outcome.REFUSED if refused else DocumentAccess.Outcome.AWAY)
            log.info("document %s: not handed out (%s)", document.pk, fault)
            raise (DocumentRefused if refused else NotHandedOut) from fault
        _note(document, reader, DocumentAccess.Outcome.OPENED)
        return Sending(document, reader, file, first, held.pop_all())


def _note(document: BrokerDocument, reader: Reader, outcome: DocumentAccess.Outcome) -> None:
    with transaction.atomic(durable=True):
        DocumentAccess.objects.create(
            document=document, user=reader.user, actor=reader.actor, ip_address=reader.ip_address, outcome=outcome
        )
        if reader.actor == OPS and outcome == DocumentAccess.Outcome.OPENED:
            about = audit.subject(document)
            audit.record(audit.Deed.DOCUMENT_OPENED, actor=f"ops {reader.user.pk}", about=about)


class Sending:
    """A document on its way through us. Iterate once; `close` ends it, however far it came."""

    def __init__(
        self, document: BrokerDocument, reader: Reader, file: DocumentFile, first: bytes, held: ExitStack
    ) -> None:
        self.content_type, self.size = file.content_type, file.size
        self._document, self._reader, self._held = document, reader, held
        self._pieces = self._send(chain([first], file.pieces))

    def __iter__(self) -> Iterator[bytes]:
        """Return the document, piece by piece; it raises BrokenOff where the broker does not send all of it."""
        return self._pieces

    def close(self) -> None:
        self._pieces.close()
        self._held.close()

    def _send(self, pieces: Iterator[bytes]) -> Generator[bytes, None, None]:
        outcome, sent = DocumentAccess.Outcome.BROKEN_OFF, 0
        try:
            for piece in pieces:
                sent += len(piece)
                yield piece
            if self.size not in (None, sent):
                raise BrokenOff
            outcome = DocumentAccess.Outcome.SENT
        except VendorError as fault:
            log.warning("document %s: broken off after %s bytes (%s)", self._document.pk, sent, fault)
            raise BrokenOff from None
        finally:
            _note(self._document, self._reader, outcome)
