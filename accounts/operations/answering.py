"""Answers to an application, kept page by page as they come, until it is sent.

Called by views. A page that was opened before its answers were changed elsewhere overwrites nothing unseen.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import agreements
from accounts.models import AgreementSignature, AgreementText, Application, DisclosureContext, TrustedContact, User
from accounts.operations import throttle
from brokerage.visit import Visit

TAX_IDS_PER_DAY = 10


class ApplicationSent(Exception):
    """The application is with the broker; its answers stand."""

    customer_message = "Your application has been sent, so its answers can’t be changed here any more."


class TaxIdTaken(Exception):
    """Another person's application carries this tax id."""

    customer_message = (
        "There is an application with this number already. If it is yours, sign in with the e-mail you used then."
    )


class AnsweredElsewhere(Exception):
    """The page was answered in another window, or on another device, after this one was opened."""

    customer_message = (
        "You have answered this page somewhere else since you opened it here. What you typed is still below. "
        "Save again to keep it, or go on without saving to keep the other answers."
    )


def start(*, user: User) -> Application:
    """Return the user's application, a new one where there is none."""
    application, _ = Application.objects.get_or_create(user=user)
    return application


def save_answers(
    *, application: Application, answers: Mapping[str, Any], page: str = "", seen: str | None = None
) -> None:
    """Keep columns of the application, which are the answers of one page.

    `seen` is the page's stamp (see `stamp`) at the time it was opened; None asks nothing about it.
    Raises ApplicationSent, TaxIdTaken, AnsweredElsewhere, throttle.TooMany.
    """
    kept = dict(answers)
    if kept.get("tax_id"):
        # Whether a number is known here already is told to nobody who tries many.
        throttle.take(key=f"tax ids of {application.user_id}", limit=TAX_IDS_PER_DAY, per=timedelta(days=1))
        kept |= _traces(kept["tax_id"], kept.get("tax_id_type", application.tax_id_type))
    try:
        with _editing(application, page, seen, kept) as row:
            _keep(row, kept, page)
    except IntegrityError:
        raise TaxIdTaken from None
    application.refresh_from_db()


def save_context(
    *, application: Application, kind: str, answers: Mapping[str, Any], page: str, seen: str | None = None
) -> None:
    """Keep what stands behind one disclosure. Raises ApplicationSent, AnsweredElsewhere."""
    before = application.contexts.filter(kind=kind).first()
    with _editing(application, page, seen, answers, before) as row:
        values = {**answers, "saved_at": timezone.now()}
        DisclosureContext.objects.update_or_create(application=row, kind=kind, defaults=values)
        _keep(row, {}, page)
    application.refresh_from_db()


def save_trusted_contact(
    *, application: Application, answers: Mapping[str, Any], page: str, seen: str | None = None
) -> None:
    """Keep whom the customer names, or that they name nobody. Raises ApplicationSent, AnsweredElsewhere."""
    person = {name: value for name, value in answers.items() if name != "names_trusted_contact"}
    wish = {"names_trusted_contact": answers["names_trusted_contact"]}
    before = TrustedContact.objects.filter(application=application).first()
    with _editing(application, page, seen, {**wish, **person}, before) as row:
        if wish["names_trusted_contact"]:
            values = {**person, "saved_at": timezone.now()}
            TrustedContact.objects.update_or_create(application=row, defaults=values)
        else:
            TrustedContact.objects.filter(application=row).delete()
        _keep(row, wish, page)
    application.refresh_from_db()


def stamp(application: Application, page: str) -> str:
    """Return what tells one state of a page's answers from the next; empty while it was never saved."""
    saved: str = application.page_saves.get(page, "")
    return saved


def stamp_of_all(application: Application) -> str:
    """Return what tells one state of all pages from the next."""
    saves = "\n".join(f"{page} {at}" for page, at in sorted(application.page_saves.items()))
    return hashlib.sha256(saves.encode()).hexdigest()[:16]


@contextmanager
def _editing(
    application: Application, page: str, seen: str | None, answers: Mapping[str, Any], before: Any = None
) -> Iterator[Application]:
    """Give the locked row, where it may still be changed and nothing unseen is overwritten.

    Another tab may have sent the application since, or have saved this page: the row itself is asked.
    """
    with transaction.atomic(durable=True):
        row = Application.objects.select_for_update().get(pk=application.pk)
        if not row.editable:
            raise ApplicationSent
        if seen is not None and stamp(row, page) != seen and _differs(row, before, answers):
            raise AnsweredElsewhere
        yield row


def _differs(row: Application, before: Any, answers: Mapping[str, Any]) -> bool:
    """Say whether other answers stand than these."""
    return any(_standing(row, before, name) != value for name, value in answers.items())


def _standing(row: Application, before: Any, name: str) -> Any:
    source = before if before is not None and hasattr(before, name) else row
    return getattr(source, name, None)


def _keep(row: Application, answers: Mapping[str, Any], page: str) -> None:
    now = timezone.now()
    kept = {**answers, "saved_at": now}
    if page:
        kept["page_saves"] = {**row.page_saves, page: now.isoformat()}
    for name, value in kept.items():
        setattr(row, name, value)
    row.save(update_fields=list(kept))


def _traces(tax_id: str, kind: str) -> dict[str, str]:
    """Return what stays of a tax id when it is gone itself."""
    return {"tax_id_last4": tax_id[-4:], "tax_id_hash": tax_id_hash(tax_id, kind)}


def tax_id_hash(number: str, kind: str = "USA_SSN") -> str:
    """Return the keyed hash by which one person is kept to one account; without the key it can't be searched for.

    A number of the United States is one person's, whichever of its two kinds it is given as.
    """
    named = number if kind.startswith("USA_") else f"{kind} {number.upper()}"
    return hmac.new(settings.TAX_ID_HASH_KEY.encode(), named.encode(), hashlib.sha256).hexdigest()


def keep_text(text: agreements.Text) -> AgreementText:
    """Keep a text as it is shown now, once, and return its row."""
    values = {
        "agreement": text.name,
        "revision": text.revision,
        "title": text.title,
        "text": text.body,
        "is_sample": text.is_sample,
    }
    row, _ = AgreementText.objects.get_or_create(digest=text.digest, defaults=values)
    return row


def note_identity_notice(*, application: Application) -> None:
    """Keep which notice about the check of identity was shown, and when it first was."""
    shown = keep_text(agreements.identity_notice())
    if application.identity_notice_id == shown.pk:
        return
    values = {"identity_notice": shown, "identity_notice_at": timezone.now()}
    Application.objects.filter(pk=application.pk).update(**values)
    application.refresh_from_db()


def sign_agreements(*, application: Application, visit: Visit) -> None:
    """Record that the customer agrees to each required text, now and from here. Raises ApplicationSent."""
    texts = [(text, keep_text(text)) for text in agreements.required()]
    with transaction.atomic(durable=True):
        row = Application.objects.select_for_update().get(pk=application.pk)
        if not row.editable:
            raise ApplicationSent
        for text, kept in texts:
            AgreementSignature.objects.get_or_create(application=row, text=kept, defaults=_signed(text, visit))
        _keep(row, {}, "agreements")
    application.refresh_from_db()


def _signed(text: agreements.Text, visit: Visit) -> dict[str, str]:
    return {
        "agreement": text.name,
        "revision": text.revision,
        "broker_revision": text.broker_revision,
        "ip_address": visit.ip_address,
        "user_agent": visit.user_agent,
    }
