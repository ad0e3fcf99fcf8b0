"""What each fault on sending a document must lead to: the test beside this holds us to it, cell by cell.

NOT_SENT  nothing left, and it is chosen again      R  refused, and the customer is told
U         unknown: sent again as another row, which does no harm at the broker
H         an alarm: our keys or our code            –  does not arise
"""

from collections.abc import Mapping

from tests.funding.matrix.table import (
    ANOTHER,
    AWAY,
    CONFLICT,
    GARBLED,
    INVALID,
    KEYS,
    KILLED_AFTER,
    KILLED_BEFORE,
    MATRIX,
    PERMISSION,
    SILENT,
    SLOW_DOWN,
    STRANGE,
)

UPLOADS: Mapping[str, str] = {
    AWAY: "NOT_SENT",
    SILENT: "U",
    SLOW_DOWN: "NOT_SENT, wait",
    GARBLED: "U",
    ANOTHER: "–",  # a yes is empty: it says nothing of whose it is
    STRANGE: "ACCEPTED",
    INVALID: "R shown",
    KEYS: "R + H",
    PERMISSION: "R + H",
    CONFLICT: "U",
    KILLED_BEFORE: "UNKNOWN",
    KILLED_AFTER: "UNKNOWN",
}
assert UPLOADS.keys() == MATRIX.keys()


def rows() -> set[str]:
    """Return the faults that can strike the sending of a document."""
    return {fault for fault, cell in UPLOADS.items() if cell != "–"}
