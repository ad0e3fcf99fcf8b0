"""Where a document stands that was sent to the broker, and what was sent for each thing that it asks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts import documents_asked, states
from accounts.documents_asked import Asked
from accounts.models import BrokerageAccount, DocumentUpload
from accounts.wording.words import Words


@dataclass(frozen=True)
class Sent:
    """One document that was sent: what it is, when, and how it stands."""

    label: str
    at: datetime
    words: Words


@dataclass(frozen=True)
class Need:
    """One thing that the broker asks to see: why, how it stands, and the page to send it on."""

    title: str
    text: str
    url: str
    action: str
    words: Words


def _words(tone: str, icon: str, word: str, sentence: str) -> Words:
    return Words(tone, icon, word, word, sentence)


_NEEDED = _words("warn", "alert", "Needed", "")
_STILL_NEEDED = Words(
    "warn",
    "alert",
    "Action needed",
    "The broker needs to see another document",
    "It has what you sent so far, and still asks for what is marked here.",
    live=True,
)
_WITH_THE_BROKER = _words(
    "busy", "clock", "With the broker", "A person there looks at it, usually within two business days."
)
_NOT_ENOUGH = _words(
    "warn", "alert", "Not enough", "The broker has looked at it and still needs something. Send another."
)
_CONFIRMED = _words("ok", "check", "Confirmed", "The broker took it as proof.")
_NOT_TAKEN = _words("danger", "stop", "Not confirmed", "The broker could not take it as proof.")
_RECEIVED = _words("ok", "check", "Received", "The broker has it. Nothing more is needed of you for now.")
_BY_STATUS = {
    states.RESERVED: _words("busy", "clock", "Being sent", "It usually takes seconds."),
    states.SENDING: _words("busy", "clock", "Being sent", "It usually takes seconds."),
    states.NOT_SENT: _words(
        "warn", "alert", "Not sent", "It did not leave us, and we kept no copy. Choose the file again."
    ),
    states.UNKNOWN: _words(
        "unknown",
        "unknown",
        "Perhaps sent",
        "We can’t tell whether it arrived, since the broker’s answer was lost. Sending it again does no harm.",
    ),
}
_REFUSED = _words(
    "danger", "stop", "Not taken", "The broker did not take this file. Take a new photo, or save the document as a PDF."
)
_OUR_FAULT = _words(
    "warn", "alert", "Not taken", "A fault of ours kept it from the broker; we have been told. Try again tomorrow."
)


def of_upload(upload: DocumentUpload, account: BrokerageAccount) -> Words:
    """Return where a document stands, by our half of it and by what the broker has found since."""
    if upload.status == states.REFUSED:
        return _OUR_FAULT if upload.our_fault else _REFUSED
    if upload.status != states.ACCEPTED:
        return _BY_STATUS[upload.status]
    return _at_the_broker(upload, account)


def _at_the_broker(upload: DocumentUpload, account: BrokerageAccount) -> Words:
    """The broker says nothing of a document itself, only of what it was to prove."""
    for verdict, words in (("accept", _CONFIRMED), ("reject", _NOT_TAKEN)):
        if upload.asked_for and upload.asked_for in account.kyc_codes(verdict):
            return words
    if _asked_again(upload, account):
        return _NOT_ENOUGH
    return _WITH_THE_BROKER if account.takes_documents else _RECEIVED


def _asked_again(upload: DocumentUpload, account: BrokerageAccount) -> bool:
    """Say whether the broker has looked since, and still asks."""
    return account.status == states.ACTION_REQUIRED and account.status_at > upload.status_at


def sent(account: BrokerageAccount, uploads: Iterable[DocumentUpload]) -> list[Sent]:
    """Return what was sent, with where each stands."""
    return [
        Sent(documents_asked.label_of(each.kind, each.sub_kind), each.created_at, of_upload(each, account))
        for each in uploads
    ]


def needs(account: BrokerageAccount, uploads: Iterable[DocumentUpload]) -> list[Need]:
    """Return what the broker asks to see, with what has come of it, then what has no code, and what may be mended.

    A person who looks at an application may find what they look for without a document: before the broker asks for one,
    nothing is said.
    """
    uploads = list(uploads)
    if not account.takes_documents or (account.status != states.ACTION_REQUIRED and not uploads):
        return []
    asked_for = [_need(asked, account, uploads) for asked in documents_asked.asked_of(account)]
    return [*asked_for, _something_else(), *([_mistyped()] if account.status == states.ACTION_REQUIRED else [])]


def with_needs(words: Words, needs: Iterable[Need]) -> Words:
    """Return what is said of the account where it is under review again, and something is still asked for."""
    return _STILL_NEEDED if words.tone == "busy" and any(need.words is _NEEDED for need in needs) else words


def _need(asked: Asked, account: BrokerageAccount, uploads: list[DocumentUpload]) -> Need:
    there = any(
        each.asked_for == asked.code and each.status == states.ACCEPTED and not _asked_again(each, account)
        for each in uploads
    )
    words = _WITH_THE_BROKER if there else _NEEDED
    return Need(asked.title, asked.text, _url(asked), "Send another" if there else "Send it", words)


def _something_else() -> Need:
    asked = documents_asked.SOMETHING_ELSE
    return Need(asked.title, asked.text, _url(asked), "Send a document", Words("", "doc", "", "", ""))


def _mistyped() -> Need:
    return Need(
        "Something you mistyped",
        "Change your address, telephone or work yourself. The broker then looks again.",
        reverse("settings"),
        "Change your details",
        Words("", "todo", "", "", ""),
    )


def _url(asked: Asked) -> str:
    return reverse("document-upload", args=[asked.slug])
