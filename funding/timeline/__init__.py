"""A transfer's story: quiet past, one present step, dashed future. One source, for its customer and for ops.

Called by views, with a transfer read by `for_timeline`; asks the database nothing more.
"""

from dataclasses import replace

from funding import wording
from funding.models import Transfer
from funding.timeline import evidence, future, past
from funding.timeline.entry import Entry

__all__ = ["Entry", "for_ops", "of"]


def of(transfer: Transfer) -> list[Entry]:
    """Return the steps of a transfer as its customer reads them, oldest first, with what is still to come."""
    return [replace(entry, records=()) for entry in _entries(transfer)]


def for_ops(transfer: Transfer) -> list[Entry]:
    """Return the same steps, each with the facts that it stands on: (label, value), without secrets."""
    return [replace(entry, records=(), facts=evidence.facts(entry.records)) for entry in _entries(transfer)]


def _entries(transfer: Transfer) -> list[Entry]:
    ahead = future.of(transfer)
    done = [*past.of(transfer), *(entry for entry in ahead if not entry.todo)]
    *earlier, last = done
    return [*earlier, _as_current(last, transfer), *(entry for entry in ahead if entry.todo)]


def _as_current(entry: Entry, transfer: Transfer) -> Entry:
    tone = entry.tone or ("ok" if wording.of_transfer(transfer).tone == "ok" else "")
    return replace(entry, tone=tone, current=True)
