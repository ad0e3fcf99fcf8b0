"""Invariant 7: whatever has a status got there step by step, each step allowed, the last one where it stands now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts import states as account_states
from accounts.models import (
    AccountEvent,
    Application,
    ApplicationEvent,
    BrokerageAccount,
    DetailsChange,
    DetailsChangeEvent,
    DocumentUpload,
    EmailChange,
    EmailChangeEvent,
    UploadEvent,
)
from funding import states
from funding.models import ACHRelationship, Closing, ClosingEvent, ItemEvent, PlaidItem, RelationshipEvent
from funding.operations.invariants import people
from funding.operations.invariants.pages import Page, pages
from funding.operations.invariants.stories import CLOCKS_APART, Story

MayMove = Callable[[str, str], bool]


def steps(field: str, events: list[Any], *, stands: str, may_move: MayMove, begins: str = "") -> Iterator[str]:
    """Yield where the history of one status column is broken, from what it begins with to where the row stands."""
    at = begins
    for event in _in_order(events, begins):
        if event.before != at:
            yield f"history of {field}: comes from {event.before or 'nothing'}, and {at or 'nothing'} was before"
        if not may_move(event.before, event.after):
            yield f"history of {field}: may not go from {event.before or 'nothing'} to {event.after or 'nothing'}"
        at = event.after
    if at != stands:
        yield f"history of {field}: ends with {at or 'nothing'}, and the row says {stands or 'nothing'}"


def _in_order(events: list[Any], at: str) -> Iterator[Any]:
    """Yield rows by their time; those of almost one moment, which two machines may have written, as they follow."""
    waiting = sorted(events, key=lambda event: event.at)
    while waiting:
        near = [event for event in waiting if event.at - waiting[0].at <= CLOCKS_APART]
        following = next((event for event in near if event.before == at), waiting[0])
        waiting.remove(following)
        at = following.after
        yield following


# --- Transfers --------------------------------------------------------------------------------------------------------


def sending_went_step_by_step(story: Story) -> Iterator[str]:
    """Our half of a transfer; one made elsewhere begins where the broker accepted it."""
    first = states.RESERVED if story.asked_for_here else states.ACCEPTED

    def may_move(before: str, after: str) -> bool:
        return after in states.SENDING_MOVES.get(before, ()) if before else after == first

    yield from steps("sending", story.moves("sending"), stands=story.row.sending, may_move=may_move)


def status_went_step_by_step(story: Story) -> Iterator[str]:
    """The broker's half of a transfer."""
    yield from steps("status", story.moves("status"), stands=story.row.status, may_move=states.status_may_move)


# --- What else has a status -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Track:
    """One kind of row, one status column of it, and what may follow what."""

    subject: str
    rows: QuerySet[Any]
    events: QuerySet[Any]
    field: str
    may_move: MayMove
    begins: str = ""

    def page_by_page(self) -> Iterator[Page]:
        rows = self.rows.values_list("pk", self.field, named=True)
        events = self.events.filter(field=self.field).values_list("row_id", "before", "after", "at", named=True)
        return pages(rows, events=events)

    def broken(self, row: Any, events: list[Any]) -> Iterator[str]:
        stands = getattr(row, self.field)
        return steps(self.field, events, stands=stands, may_move=self.may_move, begins=self.begins)


def _linking_may_move(before: str, after: str) -> bool:
    begins = (states.UNVERIFIED, states.CHECKING, states.WAITING, states.RESERVED)
    return after in states.LINKING_MOVES.get(before, ()) if before else after in begins


def _health_may_move(before: str, after: str) -> bool:
    return after in states.HEALTH_MOVES.get(before, ())


def _application_may_move(before: str, after: str) -> bool:
    return after in account_states.APPLICATION_MOVES.get(before, ())


def _upload_may_move(before: str, after: str) -> bool:
    return after in account_states.UPLOAD_MOVES.get(before, ()) if before else after == account_states.RESERVED


def _account_may_move(before: str, after: str) -> bool:
    return account_states.account_may_move(before, after) if before else bool(after)


TRACKS = (
    Track("relationship", ACHRelationship.objects.all(), RelationshipEvent.objects.all(), "sending", _linking_may_move),
    Track(
        "relationship",
        ACHRelationship.objects.all(),
        RelationshipEvent.objects.all(),
        "status",
        states.relationship_may_move,
    ),
    Track(
        "item",
        PlaidItem.objects.all(),
        ItemEvent.objects.all(),
        "health",
        _health_may_move,
        begins=states.GOOD,
    ),
    Track(
        "application",
        Application.objects.all(),
        ApplicationEvent.objects.all(),
        "status",
        _application_may_move,
        begins=account_states.DRAFT,
    ),
    Track("brokerage account", BrokerageAccount.objects.all(), AccountEvent.objects.all(), "status", _account_may_move),
    Track("document", DocumentUpload.objects.all(), UploadEvent.objects.all(), "status", _upload_may_move),
    Track(
        "change of details",
        DetailsChange.objects.all(),
        DetailsChangeEvent.objects.all(),
        "status",
        people.change_may_move,
    ),
    Track("e-mail change", EmailChange.objects.all(), EmailChangeEvent.objects.all(), "status", people.email_may_move),
    Track("closing", Closing.objects.all(), ClosingEvent.objects.all(), "status", people.closing_may_move),
)
