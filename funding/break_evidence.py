"""What a break was found on, line by line: ours beside theirs, and whether the two say the same.

Called by the desk. Reads what is kept with the break and asks nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from brokerage import banking_days
from funding import break_kinds, states
from funding.models import Break

DIFFERS, SAME, OURS_ONLY, THEIRS_ONLY, APART = "differs", "the same", "only ours", "only theirs", "not compared"
# What each side has of its own: it tells, and is no difference.
OF_EACH_SIDE = frozenset({"id", "made", "settled", "ended"})
# Cash names no transfer and has words of its own, so only these lines are comparable.
_KIND = {states.INCOMING: "CSD", states.OUTGOING: "CSW"}
AREA_WORDS = {
    break_kinds.TRANSFERS: "transfers",
    break_kinds.CASH: "cash",
    break_kinds.LINKS: "bank accounts",
    break_kinds.ITEMS: "logins at banks",
    break_kinds.PEOPLE: "people and accounts",
}


@dataclass(frozen=True)
class Line:
    """One line of evidence; `verdict` is a word, and `differs` says whether it is what the break is about."""

    name: str
    ours: str
    theirs: str
    verdict: str

    @property
    def differs(self) -> bool:
        return self.verdict in (DIFFERS, OURS_ONLY, THEIRS_ONLY)


def lines(row: Break) -> list[Line]:
    """Return the two sides; the first line is the break in short."""
    ours, theirs = _side(row, "ours"), _side(row, "theirs")
    short = [Line("In short", row.ours, row.theirs, _verdict(row.ours, row.theirs))] if row.ours or row.theirs else []
    if "settle date" in theirs or (ours and not theirs and row.about.area == break_kinds.CASH):
        return [*short, *_of_cash(ours, theirs)]
    names = list(dict.fromkeys([*ours, *theirs]))
    return [*short, *(_line(name, ours, theirs) for name in names)]


def explained(row: Break) -> list[tuple[str, str, str]]:
    """Return our own lines of an account's cash: what, on which day, and how much in US dollars."""
    kept = row.evidence.get("lines") or []
    return [(str(line.get("label", "")), str(line.get("on") or ""), str(line.get("amount", ""))) for line in kept]


def rest(row: Break) -> list[tuple[str, str]]:
    """Return what else is kept, such as the row by which one is offset."""
    told = {name: value for name, value in row.evidence.items() if name not in ("ours", "theirs", "lines")}
    return [(name.replace("_", " ").capitalize(), _in_words(value)) for name, value in told.items()]


def _side(row: Break, name: str) -> Mapping[str, str]:
    side = row.evidence.get(name)
    return {key: str(value) for key, value in side.items()} if isinstance(side, dict) else {}


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {told}" for name, told in value.items() if told)
    return str(value)


def _line(name: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> Line:
    one, other = ours.get(name, ""), theirs.get(name, "")
    there = name in ours and name in theirs
    apart = name in OF_EACH_SIDE or bool(ours and theirs and not there)
    return Line(name.capitalize(), one, other, APART if apart else _verdict(one, other))


def _verdict(ours: str, theirs: str) -> str:
    if ours == theirs:
        return SAME
    if not theirs:
        return OURS_ONLY
    return DIFFERS if ours else THEIRS_ONLY


def _of_cash(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[Line]:
    """Return a transfer beside a row of cash; of the row, the amount is signed."""
    direction, amount = ours.get("direction", ""), ours.get("amount", "")
    signed = f"-{amount}" if amount and direction == states.OUTGOING else amount
    day, booked = _day(ours.get("settled", "")), theirs.get("settle date", "")
    kind = _KIND.get(direction, direction)
    compared = (
        ("Amount, signed", signed, theirs.get("amount", "")),
        ("Kind of cash", kind and f"{kind}, for {direction}", theirs.get("kind", "")),
        ("Settled, booked", day, booked),
    )
    told = [Line(name, one, other, _verdict(one.split(",")[0], other)) for name, one, other in compared]
    apart = (
        ("Our id", ours.get("id", ""), ""),
        ("The broker’s id", ours.get("broker's id", ""), theirs.get("broker's id", "")),
        ("The broker’s word", ours.get("status", ""), theirs.get("status", "")),
        ("Ended", ours.get("ended", ""), ""),
        ("Made", "", theirs.get("made", "")),
    )
    return told + [Line(name, one, other, APART) for name, one, other in apart if one or other]


def _day(moment: str) -> str:
    """Return New York's day of a kept time."""
    return banking_days.today(datetime.fromisoformat(moment)).isoformat() if moment else ""
