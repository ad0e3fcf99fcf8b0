"""Every list of the desk as a file for a spreadsheet: exactly what is filtered and searched, and as masked as the page.

Used by desk for all lists of both apps. Rows are read and written one after another, however many there are; a few
that are about people are read at once, so that the audit names the ones that are written.
"""

import csv
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from brokerage import desk_record

log = logging.getLogger(__name__)

AT_ONCE = 500  # rows held in memory
BOM = "\ufeff"  # by which spreadsheets know that it is UTF-8
# What a spreadsheet would take for a formula, full-width signs and what it skips before them included.
_FORMULA = re.compile("[\\s\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DOLLARS = re.compile(r"(\u2212?)\$([\d,]+\.\d\d)", re.ASCII)
_FILTER = re.compile("[a-z_]{1,60}")  # a name of ours; whatever else an address asks for
_TIME = re.compile(r'<time datetime="([^"]+)">[^<]*</time>')


class _Echo:
    """A file that gives back what is written, for csv to write to."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return each row as a line, no cell of which a spreadsheet would calculate."""
    writer: Any = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([harmless(plain(cell)) for cell in row])


def plain(value: object) -> str:
    """Return what a cell of the page says, without tags: a time with its zone, an amount as a number."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds") if timezone.is_aware(value) else str(value)
    if isinstance(value, SafeString):
        value = unescape(strip_tags(_TIME.sub(r"\1", value))).strip()
    if found := _DOLLARS.fullmatch(str(value)):
        return f"{'-' if found[1] else ''}{found[2].replace(',', '')}"
    return str(value)


def harmless(text: str) -> str:
    """Return a cell that is text to any spreadsheet, unless it is a number."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


class Downloadable(admin.ModelAdmin):
    """A list that can be had as CSV."""

    change_list_template = "admin/list.html"
    lists_people = True  # their names or addresses; a list that shows neither says so, and who reads it is not kept

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.as_csv))
        return [path("csv/", page, name=self._csv_name), *super().get_urls()]

    @property
    def _csv_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_csv"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        asked = {name: value for name, value in request.GET.items() if name not in ("p", "all")}
        url = f"{reverse(f'admin:{self._csv_name}')}?{urlencode(asked)}"
        return super().changelist_view(request, {**(extra_context or {}), "csv_url": url})

    def as_csv(self, request: HttpRequest) -> HttpResponseBase:
        """Hand out the whole list that an address asks for; who had which rows of what is kept before the first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except (IncorrectLookupParameters, SuspiciousOperation):
            return redirect("../?e=1")  # where Django says so
        found = self._kept_rows(request, changelist)
        names = [name for name in changelist.list_display if name != "action_checkbox"]
        head = ["Our id", *(capfirst(str(label_for_field(name, self.model, self))) for name in names)]
        rows = ([row.pk, *(self._cell(row, name) for name in names)] for row in found)
        answer = StreamingHttpResponse(self._csv_lines(request, head, rows), content_type="text/csv; charset=utf-8")
        day = timezone.localdate().isoformat()
        answer["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}-{day}.csv"'
        return answer

    def _kept_rows(self, request: HttpRequest, changelist: ChangeList) -> Iterable[Model]:
        """Return the rows, once it is kept who has them: these very ones, where a page might show as many people."""
        if self.lists_people:
            few = list(changelist.queryset[: self.list_max_show_all + 1])
            if len(few) <= self.list_max_show_all:
                self._keep_download(request, rows=len(few), ids=sorted(str(row.pk) for row in few))
                return few
        self._keep_download(request, rows=changelist.result_count)
        return changelist.queryset.iterator(AT_ONCE)

    def _keep_download(self, request: HttpRequest, **facts: Any) -> None:
        """Keep by which filters it was chosen, not by what: that may be an address or a name."""
        filters = [name for name in sorted(request.GET) if _FILTER.fullmatch(name)]
        desk_record.keep("downloaded", person=request.user, of=self.opts.model_name, filters=filters, **facts)

    def _csv_lines(self, request: HttpRequest, head: list[str], rows: Iterable[list[object]]) -> Iterator[str]:
        """Return the lines, and write down how many went out, also where the other side hung up."""
        sent = 0
        try:
            yield BOM + next(lines([head]))
            for line in lines(rows):
                yield line
                sent += 1
        finally:
            # What is searched for may be an address: that there was a search has to do.
            asked = {name: "hidden" if name == "q" else value for name, value in sorted(request.GET.items())}
            who, what = request.user.pk, f"{self.opts.app_label}.{self.opts.model_name}"
            log.info("ops %s downloaded %s %s: %s rows", who, what, urlencode(asked) or "whole", sent)

    def _cell(self, row: Model, name: Any) -> object:
        """Return what the list shows in one cell."""
        found, _, value = lookup_field(name, row, self)
        if found is None or isinstance(value, datetime):
            return value
        if isinstance(value, Model) or found.remote_field:
            return getattr(row, found.name)
        return value if not found.flatchoices else display_for_field(value, found, "")
