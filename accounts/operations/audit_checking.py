"""Reading the whole chain of the audit again, and holding it against its head and its anchors. Changes nothing.

Called by a command. Entries are read by number, some thousands at a time, so that a long chain takes no more memory
than a short one; what is appended meanwhile is read, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from accounts.audit_chain import BEFORE_THE_FIRST, Link, what_is_wrong
from accounts.models import AuditEntry, AuditHead
from accounts.operations import anchoring
from accounts.operations.anchoring import Anchor
from accounts.operations.audit import Deed
from brokerage.append_only import gaps

BATCH = 5000
COLUMNS = ("number", "at", "deed", "actor", "about", "facts", "previous", "hash")


@dataclass(frozen=True)
class Fault:
    """What is wrong, at which entry: 0 where it is about none."""

    number: int
    what: str


@dataclass
class Check:
    """One reading. `faults` is an iterator; the rest is right once it came to its end."""

    since: int = 1
    read: int = 0
    anchors: int = 0
    _last: Link | None = None
    _by_number: dict[int, list[Anchor]] = field(default_factory=dict)
    _by_day: dict[str, Anchor] = field(default_factory=dict)
    _keeps_anchors: bool = True
    _head: AuditHead = field(default_factory=AuditHead)

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong, in the order in which it is found; after the first entry that is wrong none is read."""
        yield from (Fault(0, f"guard: {name} is not in the database") for name in gaps())
        yield from self._read_anchors()
        if self.since > 1:
            self._last = _link(self.since - 1)
            if self._last is None:
                yield Fault(self.since - 1, "gap: it is missing")
                return
        for link in self._entries(after=self.since - 1):
            self.read += 1
            if wrong := what_is_wrong(link, before=self._last):
                yield Fault(link.number, wrong)
                return
            self._last = link
            yield from self._hold_against_anchors(link)
        yield from self._end()

    def _read_anchors(self) -> Iterator[Fault]:
        try:
            paths = anchoring.paths(anchoring.folder())
        except anchoring.NoFolder:
            self._keeps_anchors = False
            return
        for path in paths:
            try:
                anchor = anchoring.read(path)
            except anchoring.NoAnchor:
                yield Fault(0, f"anchor: {path.name} is not as it was written")
                continue
            self.anchors += 1
            self._by_number.setdefault(anchor.number, []).append(anchor)
            self._by_day[f"anchor {anchor.day}"] = anchor

    def _hold_against_anchors(self, link: Link) -> Iterator[Fault]:
        for anchor in self._by_number.get(link.number, ()):
            if anchor.hash != link.hash:
                yield Fault(link.number, f"anchor: that of {anchor.day} has another hash for it")
        if link.deed == Deed.ANCHORED and self._keeps_anchors:
            kept = self._by_day.get(link.about)
            if kept is None:
                yield Fault(link.number, f"anchor: the file of {link.about} is missing")
            elif (kept.number, kept.hash) != (link.facts.get("number"), link.facts.get("hash")):
                yield Fault(link.number, f"anchor: the file of {link.about} is another one")

    def _end(self) -> Iterator[Fault]:
        """Hold the last entry against the head, and against what anchors say was there."""
        number, seal = (self._last.number, self._last.hash) if self._last else (0, BEFORE_THE_FIRST)
        head = self._head
        if (head.number, head.hash) != (number, seal):
            yield Fault(number + (head.number > number), f"end: the head says {head.number}, the last is {number}")
        beyond = [(far, anchor.day) for far, found in self._by_number.items() for anchor in found if far > number]
        if beyond:
            far, day = max(beyond)
            yield Fault(number + 1, f"end: cut off, the anchor of {day} is of {far}")

    def _entries(self, *, after: int) -> Iterator[Link]:
        """Yield the entries behind a number, until there is none of which the head knows."""
        rows: Any = AuditEntry.objects.order_by("number").values_list(*COLUMNS)
        while True:
            batch = list(rows.filter(number__gt=after)[:BATCH])
            yield from (Link(*row) for row in batch)
            if batch:
                after = batch[-1][0]
                continue
            self._head = AuditHead.objects.first() or AuditHead()
            if self._head.number <= after or not rows.filter(number__gt=after).exists():
                return  # else it was appended in between


def _link(number: int) -> Link | None:
    found = AuditEntry.objects.filter(number=number).first()
    return found.link if found else None
