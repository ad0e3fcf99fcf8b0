"""The broker's news: how far it was read, what was said and what came of it; and what people were told."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timesince import timesince

from accounts.models import BrokerageAccount, Notice, StreamCursor, StreamEvent, StreamEventChange, User
from accounts.models.notices import NoticeQuerySet
from accounts.models.streams import FOR_A_PERSON, RECEIVED
from accounts.operations import notices, replaying
from brokerage.deeds import Acting, Deed, NotDone, Told
from brokerage.desk import History, ReadOnly
from brokerage.encryption import CannotDecrypt
from brokerage.template_tags import moment

MAY_ACT = "accounts.change_streamevent"
FASTER = "someone else was faster."
# What of an event is no prose about a person.
SHOWN = ("at", "entity_type", "entity_id", "status_from", "status_to")


@admin.register(StreamCursor)
class StreamCursorDesk(ReadOnly):
    lists_people = False
    list_display = ("name", "heard_at", "read_until", "acted_on_until", "not_acted_on", "oldest")
    fields = ("name", "heard_at", "read_until", "reading_since", "ulid", "acted_on_until", "not_acted_on", "oldest")
    readonly_fields = ("acted_on_until", "not_acted_on", "oldest")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StreamCursor]:
        return StreamCursor.objects.with_waiting().order_by("name")

    @admin.display(description="Acted on until")
    def acted_on_until(self, cursor: StreamCursor) -> datetime:
        return cursor.applied_until()

    @admin.display(description="Not acted on")
    def not_acted_on(self, cursor: Any) -> int:
        return cursor.waiting or 0

    @admin.display(description="The oldest of these waits")
    def oldest(self, cursor: Any) -> str:
        return timesince(cursor.waiting_since) if cursor.waiting_since else "none does"


# --- What was said ----------------------------------------------------------------------------------------------------


def _events() -> QuerySet[StreamEvent]:
    return StreamEvent.objects.all()


def _facts(event: StreamEvent, asked: Mapping[str, str]) -> Told:
    return [
        ("Stream", event.stream),
        ("Received", moment(event.received_at)),
        ("Stands at", event.state),
        ("Tries", event.tries),
        ("Why", event.why or "nothing went wrong"),
    ]


def _cannot_be_replayed(event: StreamEvent, person: User) -> str:
    if event.state == RECEIVED:
        return "It waits to be acted on already."
    return "" if replaying.is_kept(event) else "What it said is not kept any longer, or none of FIELD_KEYS opens it."


def _replay(event: StreamEvent, person: User, *, because: str) -> str:
    try:
        replaying.replay(event=event, because=because, person=person)
    except replaying.NotKept:
        raise NotDone("what it said is not kept any longer.") from None
    except replaying.SomeoneWasFaster:
        raise NotDone(FASTER) from None
    return "A worker acts on it within seconds."


def _waits_for_nobody(event: StreamEvent, person: User) -> str:
    return "" if event.state in FOR_A_PERSON else "It does not wait for a person."


def _set_aside(event: StreamEvent, person: User, *, because: str) -> str:
    try:
        replaying.set_aside(event=event, because=because, person=person)
    except replaying.SomeoneWasFaster:
        raise NotDone(FASTER) from None
    return "It waits for nobody any more."


class StreamEventHistory(History):
    model = StreamEventChange


@admin.register(StreamEvent)
class StreamEventDesk(Acting):
    """Every event of the broker's. What it says in prose may tell of a person, and is not shown."""

    lists_people = False
    list_display = ("received_at", "stream", "state", "why", "account_id", "entity_id", "tries", "acted_at")
    list_filter = ("state", "stream")
    date_hierarchy = "received_at"
    ordering = ("-received_at", "-event_id")
    search_fields = ("=event_id", "=account_id", "=entity_id")
    search_help_text = "An event’s, account’s, transfer’s or relationship’s id as the broker has it"
    fieldsets = (
        ("What the broker said", {"fields": ("stream", "event_id", ("account_id", "entity_id"), "said")}),
        ("What came of it", {"fields": ("received_at", "state", ("tries", "why"), ("next_at", "acted_at"))}),
    )
    readonly_fields = ("said",)
    inlines = (StreamEventHistory,)
    deeds = (
        Deed(
            name="replay",
            label="Act on it again",
            says="A worker acts on it as if it had just come. What it has changed already it does not change twice; if "
            "that fails five times more, it is parked again.",
            permission=MAY_ACT,
            rows=_events,
            hinders=_cannot_be_replayed,
            facts=_facts,
            act=_replay,
        ),
        Deed(
            name="set-aside",
            label="Set it aside",
            says="It leaves the queue. Do so when you know that nothing of it is missing here: as long as it waits, no "
            "transfer of its account that is in doubt can be certified as never made.",
            permission=MAY_ACT,
            rows=_events,
            hinders=_waits_for_nobody,
            facts=_facts,
            act=_set_aside,
        ),
    )

    def whose(self, row: StreamEvent) -> object:
        """Find the account by the broker's id of it, which is all that an event names."""
        found = BrokerageAccount.objects.filter(alpaca_id=row.account_id).values_list("user", flat=True)
        return found.first() if row.account_id else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[StreamEvent]:
        """Leave the sealed words where they are until a page shows them."""
        return super().get_queryset(request).defer("body")

    @admin.display(description="Without its prose")
    def said(self, event: StreamEvent) -> str:
        try:
            if not event.body:
                return "Not kept any longer."
            row = json.loads(event.body)
        except (ValueError, RecursionError):
            return f"No JSON, and not shown: {len(event.body)} characters."
        except CannotDecrypt:
            return "None of FIELD_KEYS opens it."
        if not isinstance(row, dict):
            return "Nothing that names anything."
        told = [f"{name}: {row[name]}" for name in SHOWN if isinstance(row.get(name), str)]
        others = sorted(str(name)[:40] for name in row.keys() - set(SHOWN))
        return "; ".join([*told, f"and {', '.join(others)}" if others else ""]).strip("; ")


# --- What people were told --------------------------------------------------------------------------------------------


class NotDelivered(admin.SimpleListFilter):
    """E-mails that nobody will get unless a person sees to them."""

    title = "e-mail"
    parameter_name = "email"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("not-delivered", "Not delivered"), ("waiting", "Waiting or being tried")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        match self.value():
            case "not-delivered":
                return queryset.exclude(given_up_at=None)
            case "waiting":
                return queryset.filter(emailed_at=None, given_up_at=None)
        return queryset


@admin.register(Notice)
class NoticeDesk(ReadOnly):
    """What people were told, and whether the e-mail went out."""

    list_display = ("title", "user", "kind", "created_at", "emailed_at", "tries", "email_error", "read_at")
    list_filter = (NotDelivered, "kind")
    list_select_related = ("user",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    search_fields = ("=id", "=key", "^user__email")
    actions = ("try_again",)

    @admin.action(description="Try to e-mail it again (not delivered only)", permissions=["act"])
    def try_again(self, request: HttpRequest, queryset: NoticeQuerySet) -> None:
        again = notices.try_again(notices=queryset)
        self.message_user(request, f"{again} to be sent within seconds.", messages.SUCCESS)
