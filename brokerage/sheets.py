"""What the page of a row shows beside Django's own fields: facts in groups, and rows in tables, to read only.

Filled by both apps' admin modules; drawn by templates/admin/_groups.html and _tables.html.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Group:
    """Some facts under one heading; what is not known, or not so, is left out."""

    title: str
    told: Iterable[tuple[str, object]]
    lede: str = ""

    @property
    def facts(self) -> list[tuple[str, object]]:
        return [(label, value) for label, value in self.told if value not in (None, "", False)]


@dataclass(frozen=True)
class Table:
    """Rows under one heading; `key` is its id on the page."""

    key: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]] = field(default_factory=list)
    note: str = ""
    empty: str = "None."


def link_to(row: Model | None, text: object = "") -> SafeString | str:
    """Return a link to the page of a row, or nothing where there is none."""
    if row is None:
        return ""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[row.pk]), text or row)


def copyable(key: object) -> SafeString | str:
    """Return an id that one click selects whole, or nothing where there is none."""
    return format_html('<span class="copy">{}</span>', key) if key else ""
