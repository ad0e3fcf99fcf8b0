"""Ops' view of the closes of banking days: a statement each, to read and to take away."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from brokerage.desk import ReadOnly
from brokerage.template_tags import day, moment
from funding import close_statement
from funding.models import DailyClose


@admin.register(DailyClose)
class CloseDesk(ReadOnly):
    """One statement for each banking day; written once, and never corrected: what comes later is the next day's."""

    lists_people = False
    list_display = ("closed_day", "outcome", "open_breaks", "made", "made_by", "digest_in_short")
    list_filter = ("explained",)
    list_display_links = ("closed_day",)
    date_hierarchy = "day"
    search_fields = ("=id", "=digest")
    search_help_text = "A close’s id, or its digest"
    change_form_template = "admin/close.html"
    fields = ("digest",)  # what is read is on the statement

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(f"<uuid:pk>/{kind}/", self.admin_site.admin_view(page), name=f"funding_dailyclose_{kind}")
            for kind, page in (("csv", self.statement_as_csv), ("json", self.statement_as_json))
        ]
        return [*pages, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        close = self.get_object(request, object_id) if self.has_view_permission(request) else None
        extra = {"title": f"Close of {close.day:%B} {close.day.day}, {close.day.year}"} if close else {}
        told = {"subtitle": None, "statement": close_statement.of(close)} if close else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra, **told})

    def statement_as_csv(self, request: HttpRequest, pk: Any) -> HttpResponse | StreamingHttpResponse:
        close = self._asked_for(request, pk)
        return _download(close_statement.csv_lines(close), close, "csv", "text/csv; charset=utf-8")

    def statement_as_json(self, request: HttpRequest, pk: Any) -> HttpResponse | StreamingHttpResponse:
        close = self._asked_for(request, pk)
        told = close_statement.as_told(close) | {"digest": close.digest}
        pieces = json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(told)
        return _download(pieces, close, "json", "application/json")

    def _asked_for(self, request: HttpRequest, pk: Any) -> DailyClose:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(DailyClose, pk=pk)

    @admin.display(description="Banking day", ordering="day")
    def closed_day(self, close: DailyClose) -> SafeString | str:
        return day(close.day)

    @admin.display(description="Outcome", ordering="explained")
    def outcome(self, close: DailyClose) -> SafeString:
        tone, word = ("ok", "Explained") if close.explained else ("danger", "Differences")
        return format_html('<span class="mark is-{}">{}</span>', tone, word)

    @admin.display(description="Open breaks")
    def open_breaks(self, close: DailyClose) -> int:
        return len(close.differences)

    @admin.display(description="Made", ordering="made_at")
    def made(self, close: DailyClose) -> SafeString | str:
        return moment(close.made_at)

    @admin.display(description="Digest")
    def digest_in_short(self, close: DailyClose) -> str:
        return f"{close.digest[:12]}…"


def _download(pieces: Iterator[str], close: DailyClose, kind: str, content_type: str) -> StreamingHttpResponse:
    name = f"close-{close.day.isoformat()}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type=content_type, headers=headers)
