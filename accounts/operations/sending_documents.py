"""Documents on their way from a customer to the broker. The file is in memory while that lasts, and nowhere after.

Called by views and the worker; calls gateways.broker_documents. Recorded, sent once, its outcome recorded. A second one
does no harm at the broker, so a customer who can't be told whether it arrived may send it again, as another row.
"""

import hashlib
import io
import logging
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import documents_asked, states
from accounts.documents_asked import Asked, Paper
from accounts.files import FitFile
from accounts.models import BrokerageAccount, DocumentUpload
from accounts.operations import account_status, throttle
from accounts.operations.onboarding import OUR_FAULT
from brokerage.gateways import broker_documents
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError, patience
from brokerage.status import IllegalMove, LostRace

log = logging.getLogger(__name__)

# How many files a customer may choose in an hour, good or bad: to look at one takes seconds of a worker's time.
TRIES = 60


class NotWantedNow(Exception):
    """The broker would not look at this document now."""

    customer_message = "The broker does not ask for this any more. Nothing was sent."


class FormUsedAlready(Exception):
    """The page has sent another file before."""

    customer_message = "This page has sent another file already. Choose your file once more."


def count_try(account: BrokerageAccount) -> None:
    """Count a file before it is looked at. Raises throttle.TooMany."""
    throttle.take(key=f"files chosen of {account.pk}", limit=TRIES, per=timedelta(hours=1))


def send_document(
    *, account: BrokerageAccount, asked: Asked, paper: Paper, file: FitFile, form_key: uuid.UUID, actor: str
) -> DocumentUpload:
    """Send a file to the broker, once for each form key; return the row that says what became of it.

    Raises NotWantedNow, FormUsedAlready, throttle.TooMany.
    """
    upload = DocumentUpload(
        account=account,
        form_key=form_key,
        asked_for=asked.code,
        kind=paper.kind,
        sub_kind=paper.sub_kind,
        sha256=hashlib.sha256(file.content).hexdigest(),
        size=file.size,
        content_type=file.content_type,
        actor=actor,
    )
    earlier = _earlier(upload)
    if earlier is None:
        throttle.take(key=f"documents of {account.pk}", limit=settings.UPLOADS_PER_HOUR, per=timedelta(hours=1))
        earlier = _reserve(upload, asked)
    _send(earlier, file)
    return earlier


def _earlier(upload: DocumentUpload) -> DocumentUpload | None:
    """Return what the same page has sent before. Raises FormUsedAlready where that was another file."""
    found = DocumentUpload.objects.filter(account=upload.account, form_key=upload.form_key).first()
    if found is not None and (found.sha256, found.kind) != (upload.sha256, upload.kind):
        raise FormUsedAlready
    return found


def _reserve(upload: DocumentUpload, asked: Asked) -> DocumentUpload:
    """Decide under the account's lock, and commit the row with its history; return it, or the one that was quicker."""
    with transaction.atomic(durable=True):
        account = BrokerageAccount.objects.select_for_update().get(pk=upload.account_id)
        earlier = _earlier(upload)
        if earlier is not None:
            return earlier
        if not documents_asked.may_be_sent(account, asked):
            raise NotWantedNow
        upload.save(force_insert=True)
        upload.begin_history()
    return upload


def _send(upload: DocumentUpload, file: FitFile) -> None:
    """Send what is RESERVED, and record what came of it; somebody else's is left alone."""
    try:
        with transaction.atomic(durable=True):
            upload.move(states.SENDING, actor=upload.actor)  # committed before the first byte leaves
    except (IllegalMove, LostRace):
        upload.refresh_from_db()
        return
    try:
        broker_documents.upload_document(
            upload.account.alpaca_id,
            kind=upload.kind,
            sub_kind=upload.sub_kind,
            content=io.BytesIO(file.content),
            size=file.size,
            mime_type=file.content_type,
        )
    except NotSent as fault:
        _record(upload, states.NOT_SENT, fault)
    except Refused as refusal:
        _record_refusal(upload, refusal)
    except OutcomeUnknown as doubt:
        _record(upload, states.UNKNOWN, doubt)
    else:
        _accept(upload)


def _record(upload: DocumentUpload, to: str, fault: VendorError, **also: object) -> None:
    _move(upload, to, actor=upload.actor, because=fault.what, evidence=fault.facts, **also)
    log.info("document %s → %s (%s)", upload.pk, upload.status, fault)


def _move(upload: DocumentUpload, to: str, **how: Any) -> None:
    """Move to what the broker's answer says, also where the worker has given its sender up before it came."""
    try:
        with transaction.atomic(durable=True):
            upload.move(to, **how)
    except LostRace:
        upload.refresh_from_db()
        with suppress(IllegalMove, LostRace), transaction.atomic(durable=True):
            upload.move(to, **how)


def _record_refusal(upload: DocumentUpload, refusal: Refused) -> None:
    """A refusal of our keys is ours to mend; one of the file is the customer's to know."""
    our_fault = refusal.http_status in OUR_FAULT
    if our_fault:
        log.error("document %s: the broker refuses us, not the file (%s)", upload.pk, refusal)
    _record(upload, states.REFUSED, refusal, refusal=refusal.reason[:500], our_fault=our_fault)


def _accept(upload: DocumentUpload) -> None:
    """Record that the broker has it; where it waited for that, read at once what it makes of the account."""
    _move(upload, states.ACCEPTED, actor="broker", because="the broker took it")
    log.info("document %s → %s", upload.pk, upload.status)
    account = BrokerageAccount.objects.get(pk=upload.account_id)
    if account.status != states.ACTION_REQUIRED:
        return
    with patience(account_status.PAGE_PATIENCE):
        for finding in account_status.reconcile_one(account=account):
            log.info("%s: %s", finding.subject, finding.what)


def pick_up_left_behind(*, sender: str) -> int:
    """Say of what a process that died has left that it was not sent, or that nobody can tell. Return how many.

    The file is gone with the process, so nothing is sent.
    """
    picked = 0
    for upload in DocumentUpload.objects.left_behind():
        to = states.NOT_SENT if upload.status == states.RESERVED else states.UNKNOWN
        with suppress(IllegalMove, LostRace), transaction.atomic(durable=True):
            upload.move(to, actor=sender, because="the sender died")
            picked += 1
    return picked


def latest_of(account: BrokerageAccount, *, most: int = 20) -> list[DocumentUpload]:
    """Return what was sent for an account, newest first."""
    return list(account.uploads.order_by("-created_at", "-id")[:most])
