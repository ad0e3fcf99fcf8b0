"""Finding a row of any kind by what somebody has of it: an id of ours or a vendor's, an address, digits, an amount.

Called by desk. Each kind of row is asked once, however many there are; desk_kinds says by which columns.
"""

import logging
import re
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html

from accounts.finding_people import by_name
from accounts.models import Application, User
from brokerage import money
from brokerage.finding import FEWEST_LETTERS, any_of, of_our_ids
from brokerage.sheets import Table

log = logging.getLogger(__name__)

AT_MOST = 20  # of a kind
LONGEST = 120
_VENDORS = re.compile(r"[\w.:/+=-]{4,80}", re.ASCII)


class NotUnderstood(Exception):
    """What was typed can be nothing that the desk finds; the message says so."""


@dataclass(frozen=True)
class Sought:
    """What was typed, in each way that it can be read; a way in which it cannot be is empty."""

    text: str
    ours: tuple[uuid.UUID, uuid.UUID] | None = None  # the first and the last id that begin so
    theirs: tuple[str, ...] = ()  # a vendor's id, as it came and in lower case
    mask: str = ""
    amount: Decimal | None = None
    words: str = ""  # how an e-mail address begins, or a name
    people: tuple[uuid.UUID, ...] = field(default=())  # whose address or name it is

    @property
    def kind(self) -> str:
        """Return what the log may say of it: never an address, nor a name."""
        ways = {"an id of ours": self.ours, "last four": self.mask, "an amount": self.amount, "words": self.words}
        return ", ".join(name for name, value in ways.items() if value) or "a vendor's id"


def read(typed: str) -> Sought:
    """Read what was typed. Raises NotUnderstood."""
    text = typed.strip()
    if not text:
        raise NotUnderstood("Type what you have: an id, an e-mail address, the last four digits, or an amount.")
    if len(text) > LONGEST or not text.isprintable():
        raise NotUnderstood(f"That is longer than {LONGEST} characters, or has some that cannot be read.")
    amount = None
    with suppress(money.AmountNotUnderstood):
        amount = money.parse(text)
    return Sought(
        text,
        ours=of_our_ids(text),
        theirs=tuple(dict.fromkeys((text, text.lower()))) if _VENDORS.fullmatch(text) else (),
        mask=text if re.fullmatch("[0-9]{4}", text) else "",
        amount=amount,
        words=text if _may_be_words(text) else "",
    )


def _may_be_words(text: str) -> bool:
    """Say whether it may be how an address begins, or a name, and no id."""
    if len(text) < FEWEST_LETTERS or not re.search(r"[^\W\d_]|@", text) or of_our_ids(text):
        return False
    return "@" in text or not (len(text) > 20 and re.search(r"\d", text))


# --- Kinds of rows ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """One kind of row: by which ids and by which words it is found, each through an index, and how it is shown."""

    key: str
    title: str
    model: type[Model]
    ids: Callable[[Sought], list[Q]]
    heads: Sequence[str]
    shown: Callable[[Any], tuple[object, ...]]  # the first of it becomes the link
    words: Callable[[Sought], list[Q]] = lambda sought: []
    related: tuple[str, ...] = ()
    newest: str = "-created_at"

    @property
    def permission(self) -> str:
        return f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"

    def rows(self, ways: list[Q]) -> QuerySet[Any]:
        """Return the rows that any of these ways leads to."""
        return any_of(self.model._default_manager.all(), ways)


@dataclass(frozen=True)
class Found:
    """What was found of one kind; `more` says that the page shows the newest of them alone."""

    kind: Kind
    rows: list[Any]
    more: bool


def find(sought: Sought, *, kinds: Sequence[Kind], may: Callable[[str], bool], person: object) -> list[Found]:
    """Return what was found of each kind that this person may read; the log keeps how they asked, and not for what."""
    sought = _with_people(sought)
    asked = [_of(kind, sought) for kind in kinds if may(kind.permission)]
    found = [each for each in asked if each.rows]
    log.info("ops %s searched by %s: %s found", person, sought.kind, sum(len(each.rows) for each in found))
    return found


def _of(kind: Kind, sought: Sought) -> Found:
    rows = kind.rows([*kind.ids(sought), *kind.words(sought)])
    some = list(rows.select_related(*kind.related).order_by(kind.newest, "pk")[: AT_MOST + 1])
    return Found(kind, some[:AT_MOST], more=len(some) > AT_MOST)


def _with_people(sought: Sought) -> Sought:
    """Add whose address begins so, or whose name it is; of more than are shown, the newest."""
    if not sought.words:
        return sought
    addressed = User.objects.filter(Q(email__begins=sought.words.lower())).order_by("-created_at", "pk")
    people: list[uuid.UUID] = list(addressed.values_list("pk", flat=True)[: AT_MOST + 1])
    if "@" not in sought.words:
        named = any_of(Application.objects.all(), by_name(sought.words)).order_by("-created_at", "-id")
        people += named.values_list("user_id", flat=True)[: AT_MOST + 1]
    return Sought(**{**vars(sought), "people": tuple(dict.fromkeys(people))})


def the_one(found: list[Found], sought: Sought) -> Any | None:
    """Return the one row that was found, where it was by an id: there is nothing to choose from."""
    if len(found) != 1 or len(found[0].rows) != 1:
        return None
    [only], kind = found[0].rows, found[0].kind
    return only if kind.rows(kind.ids(sought)).filter(pk=only.pk).exists() else None


def names(found: list[Found]) -> list[str]:
    """Return which rows were found, as the audit names them: of which model, and their ids."""
    return [f"{each.kind.model._meta.model_name}:{row.pk}" for each in found for row in each.rows]


# --- As the page shows it ---------------------------------------------------------------------------------------------


def tables(found: list[Found], sought: Sought) -> list[Table]:
    """Return what was found as the page shows it."""
    return [_table(each, sought) for each in found]


def _table(found: Found, sought: Sought) -> Table:
    rows = [_row(found.kind, row) for row in found.rows]
    return Table(found.kind.key, found.kind.title, found.kind.heads, rows, note=_rest(found, sought))


def _row(kind: Kind, row: Any) -> tuple[object, ...]:
    first, *rest = kind.shown(row)
    return format_html('<a href="{}">{}</a>', address(row), first), *rest


def address(row: Model) -> str:
    """Return where the page of a row is."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _rest(found: Found, sought: Sought) -> str:
    if not found.more:
        return ""
    meta = found.kind.model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    text = f"The newest {AT_MOST} are shown. See them all in the list"
    return format_html('<a href="{}?{}">{}</a>', url, urlencode({"q": sought.text}), text)
