"""Ops' view of breaks: what does not agree between the books, the most severe and the oldest first."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from brokerage.deeds import Acting
from brokerage.template_tags import moment
from funding import break_evidence
from funding.admin import break_decisions, break_deeds, break_file, match_deeds
from funding.admin.break_filters import SEVERITY, TONES, WHOSE, OfArea, OfKind, OfOwner, OfSeverity, OfState, rank
from funding.models import Break


def severity_mark(row: Break) -> SafeString:
    """Return how bad it is, as a word with its colour."""
    level = row.about.severity
    return format_html('<span class="mark is-{}">{}</span>', TONES.get(level, "warn"), SEVERITY.get(level, level))


@admin.register(Break)
class BreakDesk(Acting):
    """One page per break: the evidence side by side, what it means, what became of it, and what may be done."""

    list_display = ("severity", "title", "about", "customer", "differs", "age", "looks_at_it")
    list_display_links = ("title",)
    list_filter = (OfState, OfSeverity, OfArea, OfOwner, OfKind)
    list_select_related = ("brokerage_account__user", "owner", "asked_by")
    search_fields = (
        "=id",
        "=transfer__id",
        "=transfer__alpaca_id",
        "=brokerage_account__id",
        "=brokerage_account__alpaca_id",
        "^brokerage_account__user__email",
    )
    search_help_text = "Any id of ours or the broker’s, or how an e-mail address begins; among closed ones, too"
    change_form_template = "admin/break.html"
    deeds = (*match_deeds.DEEDS, *break_decisions.DEEDS, *break_deeds.DEEDS)

    def ways(self, request: HttpRequest, text: str) -> list[Q]:
        """Find by what it is about, too."""
        subjects = [text, *(f"{word} {name}" for word in break_file.SUBJECTS for name in {text, text.lower()})]
        return [*super().ways(request, text), Q(subject__in=subjects)]

    def whose(self, row: Any) -> object:
        return break_file.whom(row)

    def get_ordering(self, request: HttpRequest) -> tuple[str | OrderBy, ...]:
        """The queue begins with the most severe and, of those, the oldest; closed ones with what ended last."""
        if request.GET.get("state") == "closed":
            return ("-ended_at", "-id")
        return (rank().asc(), "first_seen_at", "id")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        extra = self._told(row) if row else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def _told(self, row: Break) -> dict[str, Any]:
        return {
            "title": row.about.title,
            "subtitle": None,
            "mark": severity_mark(row),
            "state": break_file.STATES.get(row.state, row.state),
            "lines": break_evidence.lines(row),
            "rest": break_evidence.rest(row),
            "proposal": break_file.proposal(row),
            "groups": break_file.groups(row),
            "tables": break_file.tables(row),
        }

    @admin.display(description="Severity", ordering=rank().asc())
    def severity(self, row: Break) -> SafeString:
        return severity_mark(row)

    @admin.display(description="Break", ordering="kind")
    def title(self, row: Break) -> str:
        return row.about.title

    @admin.display(description="About", ordering="subject")
    def about(self, row: Break) -> str:
        word, _, name = row.subject.rpartition(" ")
        short = f"…{name[-8:]}" if word == "cash" else f"{name[:8]}…"  # of cash, the id begins with the time
        return f"{word} {short}" if len(name) > 12 else row.subject

    @admin.display(description="Customer", ordering="brokerage_account__user__email")
    def customer(self, row: Break) -> str:
        return row.brokerage_account.user.email if row.brokerage_account else "not ours"

    @admin.display(description="Ours / theirs")
    def differs(self, row: Break) -> SafeString:
        return format_html('{} <span class="quiet">/</span> {}', row.ours or "nothing", row.theirs or "nothing")

    @admin.display(description="Age", ordering="first_seen_at")
    def age(self, row: Break) -> SafeString | str:
        if row.ended_at:
            return format_html("{} {}", break_file.STATES[row.state].partition(":")[0], moment(row.ended_at))
        return timesince(row.first_seen_at, timezone.now(), depth=1)

    @admin.display(description="Looks at it", ordering="owner__email")
    def looks_at_it(self, row: Break) -> str:
        owner = str(row.owner or WHOSE.get(row.about.owner, row.about.owner))
        return f"{owner}; {row.asked_by} wants a second person" if row.state == Break.ASKED else owner
