"""How the close of a day reads: as a statement on a page, as rows for a spreadsheet, and as it is kept.

Called by the desk and close_day. Shows what was written and works nothing out anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from brokerage import desk_csv
from funding import break_kinds, states
from funding.models import DailyClose

WAYS = {states.INCOMING: "Deposits", states.OUTGOING: "Withdrawals"}
BOOKS = {
    break_kinds.PEOPLE: "People and accounts",
    break_kinds.ITEMS: "Logins at banks",
    break_kinds.LINKS: "Bank accounts",
    break_kinds.TRANSFERS: "Transfers",
    break_kinds.CASH: "Cash",
}
# Each line of the statement: where it is kept, and what it is called.
TRANSFERS = (
    ("settled", "Settled"),
    ("returned", "Came back after settling"),
    ("returned unsettled", "Came back before settling"),
    ("heard of late", "Among these, of an earlier day and heard of late"),
)
STANDING = (("under way", "Under way"), ("in doubt", "In doubt"), ("not sent", "Not sent yet"))
CASH = (
    ("booked", "Booked"),
    ("matched", "Matched with a transfer"),
    ("cancels out", "Cancels out with another row"),
    ("for no transfer", "Matched with nothing"),
    ("corrected since", "Of an earlier day, taken back since"),
    ("void", "Taken back, and not counted"),
)
REASONS = (
    ("booked on another day", "Settled that day, and its cash has another day"),
    ("not booked yet", "Settled that day, and its cash is not booked yet"),
    ("taken back in its place", "Booked, and taken back in its place"),
    ("for another day", "Cash of what settled on another day"),
    ("cancels out", "Rows of cash that cancel out"),
    ("corrected since", "Cash of an earlier day, taken back since"),
)


@dataclass(frozen=True)
class Line:
    """One line of a statement, each way: how many, and how much in US dollars."""

    title: str
    counts: list[int | str]
    amounts: list[Decimal]

    @property
    def cells(self) -> list[tuple[int | str, Decimal]]:
        return list(zip(self.counts, self.amounts, strict=True))

    @property
    def is_empty(self) -> bool:
        return not any(self.counts) and not any(self.amounts)


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[Line]
    note: str = ""


@dataclass(frozen=True)
class Statement:
    """A close, to read."""

    close: DailyClose
    sections: list[Section]
    books: list[dict[str, Any]]
    breaks: list[dict[str, Any]]
    since: datetime
    until: datetime
    as_of: datetime

    @property
    def behind(self) -> list[str]:
        """Return the books that were not gone through as they should have been."""
        return [book["title"] for book in self.books if not book["enough"]]


def of(close: DailyClose) -> Statement:
    """Return a close as a statement."""
    kept = close.figures
    sections = [
        _section("Transfers of the day", "transfers", TRANSFERS, close),
        _section("Transfers that stand, as of the close", "standing", STANDING, close),
        _section("Cash booked by the broker", "cash", CASH, close),
        _bridge(close),
    ]
    times = (datetime.fromisoformat(kept[name]) for name in ("from", "until", "as_of"))
    return Statement(close, sections, [_book(book) for book in kept["books"]], _breaks(close), *times)


def _breaks(close: DailyClose) -> list[dict[str, Any]]:
    return [{**each, "seen": datetime.fromisoformat(each["first_seen_at"])} for each in close.differences]


def _section(title: str, kept: str, names: tuple[tuple[str, str], ...], close: DailyClose) -> Section:
    return Section(title, [_line(words, [way[kept][name] for way in _ways(close)]) for name, words in names])


def _ways(close: DailyClose) -> list[dict[str, Any]]:
    return [close.figures["ways"][direction] for direction in WAYS]


def _line(title: str, told: list[dict[str, Any]]) -> Line:
    return Line(title, [each["count"] for each in told], [Decimal(each["amount"]) for each in told])


def _sum(title: str, name: str, close: DailyClose) -> Line:
    ways = _ways(close)
    return Line(title, [""] * len(ways), [Decimal(way[name]) for way in ways])


def _bridge(close: DailyClose) -> Section:
    """Return how the day's transfers lead to the day's cash."""
    reasons = [_line(words, [way["explained_by"][name] for way in _ways(close)]) for name, words in REASONS]
    lines = [
        _sum("What settled, less what came back", "settled_less_returned", close),
        *(line for line in reasons if not line.is_empty),
        _sum("Not explained", "unexplained", close),
        _sum("Cash booked", "cash_booked", close),
    ]
    hanging = sum(len(way["hangs_on"]) for way in _ways(close))
    note = f"What is not explained hangs on {hanging} of the open breaks below." if hanging else ""
    return Section("From the one to the other", lines, note)


def _book(kept: dict[str, Any]) -> dict[str, Any]:
    began = datetime.fromisoformat(kept["began_at"]) if kept["began_at"] else None
    return {**kept, "title": BOOKS.get(kept["book"], kept["book"]), "began": began}


# --- To take away -----------------------------------------------------------------------------------------------------


def as_told(close: DailyClose) -> dict[str, Any]:
    """Return what the digest is of."""
    return {
        "day": close.day.isoformat(),
        "explained": close.explained,
        "figures": close.figures,
        "differences": close.differences,
    }


def csv_lines(close: DailyClose) -> Iterator[str]:
    """Yield the statement as CSV: figures first, then books, then the breaks that were open."""
    return desk_csv.lines(_rows(close))


def _rows(close: DailyClose) -> Iterator[list[object]]:
    told = of(close)
    yield ["section", "what", "way", "count", "US dollars"]
    yield ["close", "banking day", close.day.isoformat(), "", ""]
    yield ["close", "explained" if close.explained else "differences", "", len(close.differences), ""]
    yield ["close", "digest", close.digest, "", ""]
    for section in told.sections:
        for line in section.lines:
            for way, (count, amount) in zip(WAYS.values(), line.cells, strict=True):
                yield [section.title, line.title, way, count, amount]
    yield []
    yield ["book", "run", "began", "age in minutes", "not compared", "gone through in time"]
    for book in told.books:
        began, age = book["began_at"], book["age_minutes"]
        yield [book["title"], book["run"], began, age, book["uncompared"], "yes" if book["enough"] else "no"]
    yield []
    columns = list(close.differences[0]) if close.differences else []
    yield ["open breaks", len(close.differences)]
    if columns:
        yield columns
    for each in close.differences:
        yield [each.get(column, "") for column in columns]
