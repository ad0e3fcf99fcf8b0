"""Everything that happened about one person, the newest first: what, who did it, and why.

Called by person_file. One row a change, whoever kept it; ops are named by their e-mail.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import (
    Application,
    DetailsChangeEvent,
    DocumentAccess,
    EmailChangeEvent,
    UploadEvent,
    User,
)
from brokerage.sheets import Table
from brokerage.status import StatusChange
from brokerage.template_tags import moment

MOST = 200
_OPS = re.compile(r"ops ([0-9a-f]{8}-[0-9a-f-]{27})")


@dataclass(frozen=True)
class Happened:
    """One line of the story."""

    at: datetime
    what: str
    who: str
    why: str = ""


def everything(application: Application) -> Table:
    """Return the story as the page shows it."""
    lines = sorted(
        (line for part in _PARTS for line in part(application)), key=lambda line: (line.at, line.what), reverse=True
    )
    named = _names(line.who for line in lines)
    rows = [(moment(line.at), line.what, _named(line.who, named), line.why) for line in lines[:MOST]]
    note = f"The newest {MOST} of {len(lines)}." if len(lines) > MOST else ""
    return Table("story", "Everything, the newest first", ("When", "What", "Who", "Why"), rows, note=note)


def _names(actors: Iterable[str]) -> dict[str, str]:
    ids = {found[1] for actor in actors if (found := _OPS.fullmatch(actor))}
    return {str(pk): email for pk, email in User.objects.filter(pk__in=ids).values_list("pk", "email")}


def _named(actor: str, named: dict[str, str]) -> str:
    found = _OPS.fullmatch(actor)
    if found:
        return named.get(found[1], actor)
    return "the customer" if actor.startswith("customer ") else actor


def _of_status(label: str, events: Iterable[StatusChange]) -> Iterator[Happened]:
    for event in events:
        field = "" if event.field == "status" else f" {event.field}"
        # What the broker checked has no before and after; the evidence tells it.
        way = " → ".join(filter(None, (event.before, event.after))) or "changed"
        yield Happened(event.at, f"{label}{field}: {way}", event.actor, event.because)


def _application(application: Application) -> Iterator[Happened]:
    return _of_status("Application", application.events.defer("evidence"))


def _account(application: Application) -> Iterator[Happened]:
    account = getattr(application, "brokerage_account", None)
    return _of_status("Account", account.events.defer("evidence")) if account else iter(())


def _signed_up(application: Application) -> Iterator[Happened]:
    yield Happened(application.user.created_at, "Signed up", "the customer")
    yield Happened(application.created_at, "Application begun", "the customer")


def _signatures(application: Application) -> Iterator[Happened]:
    for signature in application.signatures.all():
        yield Happened(signature.signed_at, f"Signed {signature}", "the customer")


def _notices(application: Application) -> Iterator[Happened]:
    for notice in application.user.notices.order_by("-created_at")[:MOST]:
        yield Happened(notice.created_at, f"Told: {notice.title}", "the site")


def _notes(application: Application) -> Iterator[Happened]:
    for note in application.user.desk_notes.select_related("by"):
        yield Happened(note.at, "Note written", note.by.email)


def _assignments(application: Application) -> Iterator[Happened]:
    for each in application.user.assignments.select_related("to", "by", "ended_by"):
        yield Happened(each.at, f"Given to {each.to}", each.by.email, each.because)
        if each.ended_at and each.ended_by:
            yield Happened(each.ended_at, f"Taken from {each.to}", each.ended_by.email)


def _looks(application: Application) -> Iterator[Happened]:
    for look in application.user.reveals.select_related("by"):
        yield Happened(look.at, f"Shown: {look.field}", look.by.email, look.because)


def _holds(application: Application) -> Iterator[Happened]:
    for hold in application.user.legal_holds.select_related("placed_by", "lifted_by"):
        yield Happened(hold.placed_at, "Legal hold placed", hold.placed_by.email, hold.because)
        if hold.lifted_at and hold.lifted_by:
            yield Happened(hold.lifted_at, "Legal hold lifted", hold.lifted_by.email, hold.lift_because)


def _sign_in(application: Application) -> Iterator[Happened]:
    for change in application.user.sign_in_changes.select_related("by"):
        yield Happened(change.at, str(change), change.by.email, change.because)


def _identities(application: Application) -> Iterator[Happened]:
    for identity in application.user.identities.all():
        how = "Connected to" if identity.was_connected else "First signed in by"
        yield Happened(identity.created_at, f"{how} the sign-in provider", "the customer", identity.issuer)


def _changes(application: Application) -> Iterator[Happened]:
    events = DetailsChangeEvent.objects.filter(row__brokerage_account__application=application)
    for event in events.select_related("row").defer("evidence"):
        yield from _of_status(f"Change of {event.row.get_kind_display().lower()}", [event])


def _email_changes(application: Application) -> Iterator[Happened]:
    return _of_status("E-mail change", EmailChangeEvent.objects.filter(row__user=application.user).defer("evidence"))


def _documents(application: Application) -> Iterator[Happened]:
    events = UploadEvent.objects.filter(row__account__application=application)
    for event in events.select_related("row").defer("evidence"):
        yield from _of_status(f"Document sent ({event.row.kind})", [event])


def _downloads(application: Application) -> Iterator[Happened]:
    accesses = DocumentAccess.objects.filter(document__brokerage_account__application=application)
    for each in accesses.select_related("document", "user").order_by("-at")[:MOST]:
        yield Happened(each.at, f"{each.document.kind}: {each.get_outcome_display()}", each.user.email, each.because)


_PARTS: tuple[Callable[[Application], Iterator[Happened]], ...] = (
    _signed_up,
    _application,
    _account,
    _signatures,
    _notices,
    _notes,
    _assignments,
    _looks,
    _holds,
    _sign_in,
    _identities,
    _changes,
    _email_changes,
    _documents,
    _downloads,
)
