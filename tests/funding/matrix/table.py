"""What each fault on a call to a vendor must lead to: the matrix that the tests beside this hold us to, cell by cell.

N  nothing happened, and it may be tried again     R  refused, recorded, the hold is freed
U  unknown: never sent again, looked up             L  look up and adopt
I  repeat until done                                Q  kept as it came and reported; things go on
H  stop, and raise an alarm                         –  does not arise

`relink`: the customer passes through Plaid Link once more; `orphan`: that Plaid may hold an item whose key we never
learned is recorded, and told.
"""

from typing import NamedTuple


class Cells(NamedTuple):
    """One row: what must come of a fault, by the call that it strikes."""

    create: str
    cancel: str
    reads: str


AWAY = "refused connection, no address, no TLS"
SILENT = "time-out, reset mid-answer, 500, 502 and 504 in HTML"
SLOW_DOWN = "429, with or without a reset header"
GARBLED = "200 with malformed, empty or truncated JSON"
ANOTHER = "200 that echoes another account or amount"
STRANGE = "an unknown word, a field too many or missing"
INVALID = "400, 422"
KEYS = "401, 403 on our keys"
PERMISSION = "403 that names a permission"
CONFLICT = "409"
KILLED_BEFORE = "killed before it was done"
KILLED_AFTER = "killed after it was done, before we knew"

MATRIX: dict[str, Cells] = {
    #                    transfer create          cancel           reads
    AWAY: Cells(         "NOT_SENT",              "N",             "N, old data with its age"),
    SILENT: Cells(       "U",                     "read",          "N"),
    SLOW_DOWN: Cells(    "NOT_SENT, wait",        "wait",          "wait"),
    GARBLED: Cells(      "U",                     "read",          "Q, keep last good"),
    ANOTHER: Cells(      "bind + REVIEW + H",     "H",             "Q"),
    STRANGE: Cells(      "ACCEPTED + Q",          "Q",             "Q"),
    INVALID: Cells(      "R shown, hold freed",   "R: too late",   "H"),
    KEYS: Cells(         "R + H",                 "H",             "H"),
    PERMISSION: Cells(   "R",                     "H",             "H"),
    CONFLICT: Cells(     "U, L",                  "read",          "–"),
    KILLED_BEFORE: Cells("UNKNOWN, resolved",     "I",             "resume"),
    KILLED_AFTER: Cells( "UNKNOWN, adopted",      "read",          "resume"),
}  # fmt: skip


class LinkCells(NamedTuple):
    """One row, for the calls by which a bank is linked, read and unlinked."""

    link_token: str
    exchange: str
    processor_token: str
    create: str
    delete: str
    item_remove: str
    reads: str


# Of whom they are, Plaid's answers about a link token, a processor token and a removal say nothing; and it has no 409.
LINKS: dict[str, LinkCells] = {
    #                        link token   exchange        token   create      delete  removal  reads
    AWAY: LinkCells(         "N",         "N",            "N",    "N",        "N",    "N",     "N, old data"),
    SILENT: LinkCells(       "N",         "relink, orphan", "I",  "U, L",     "I",    "I",     "N"),
    SLOW_DOWN: LinkCells(    "wait",      "wait",         "wait", "wait",     "wait", "wait",  "wait"),
    GARBLED: LinkCells(      "N",         "relink, orphan", "I",  "U, L",     "I",    "I",     "Q, keep last good"),
    ANOTHER: LinkCells(      "–",         "H",            "–",    "bind + H", "H",    "–",     "Q"),
    STRANGE: LinkCells(      "ignore",    "ignore",       "ignore", "Q, poll", "Q",   "ignore", "Q"),
    INVALID: LinkCells(      "R + alarm", "R: relink",    "R",    "R shown",  "R",    "R",     "H"),
    KEYS: LinkCells(         "H",         "H",            "H",    "H",        "H",    "H",     "H"),
    CONFLICT: LinkCells(     "–",         "–",            "–",    "L",        "read", "–",     "–"),
    KILLED_BEFORE: LinkCells("N",         "relink, orphan", "N",  "N",        "I",    "I",     "resume"),
    KILLED_AFTER: LinkCells( "N",         "relink, orphan", "I",  "L",        "I",    "I",     "resume"),
}  # fmt: skip


def rows(column: str) -> set[str]:
    """Return the faults that a column has an answer for."""
    return {fault for fault, cells in MATRIX.items() if getattr(cells, column) != "–"}


def link_rows(column: str) -> set[str]:
    """Return the faults that a column about the life of a bank link has an answer for."""
    return {fault for fault, cells in LINKS.items() if getattr(cells, column) != "–"}
