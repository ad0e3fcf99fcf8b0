"""What an ACH relationship and a transfer may be, and what may follow what.

Our half (`sending`): how far the one request has come. There is no arrow back to SENDING, so nothing is sent twice.

    RESERVED ──► SENDING ──► ACCEPTED ┄┄► the broker's half begins
     │ │  ▲ │       ├──────► REFUSED      the broker said no
     │ │  │ │       ├──────► NOT_SENT     nothing left the house
     │ ▼  │ │       └──────► UNKNOWN ───► ACCEPTED      found in the broker's list, and adopted
     │ HELD │                   ├───────► NOT_CREATED   certified: it is not there
     │   │  │                   └───────► REVIEW ──► ACCEPTED | NOT_CREATED   (a person decides)
     │   └──┴─► DECLINED   our risk rules, or the person who looked at a held one, said no
     └────────► WITHDRAWN  canceled before it was sent

The broker's half (`status`): its own words, stored as they come. A step may be skipped, none is walked back.

    QUEUED ► APPROVAL_PENDING ► PENDING ► APPROVED ► SENT_TO_CLEARING ► COMPLETE ► RETURNED
        └──────────┴──────► CANCELED, REJECTED, EXPIRED     (RETURNED may also come before COMPLETE)

A word we do not know is kept, reported and waited on.
https://docs.alpaca.markets/reference/createtransferforaccount
"""

from collections.abc import Mapping

INCOMING, OUTGOING = "INCOMING", "OUTGOING"

# --- Our half ---------------------------------------------------------------------------------------------------------

RESERVED, SENDING, ACCEPTED = "RESERVED", "SENDING", "ACCEPTED"
REFUSED, NOT_SENT, UNKNOWN = "REFUSED", "NOT_SENT", "UNKNOWN"
NOT_CREATED, REVIEW, WITHDRAWN = "NOT_CREATED", "REVIEW", "WITHDRAWN"
HELD, DECLINED = "HELD", "DECLINED"

SENDING_MOVES: Mapping[str, set[str]] = {
    RESERVED: {SENDING, HELD, DECLINED, WITHDRAWN},
    # Nothing of a held one was sent, so a person may let it go on.
    HELD: {RESERVED, DECLINED, WITHDRAWN},
    SENDING: {ACCEPTED, REFUSED, NOT_SENT, UNKNOWN},
    UNKNOWN: {ACCEPTED, NOT_CREATED, REVIEW},
    REVIEW: {ACCEPTED, NOT_CREATED},
    # The broker's answer differs from what we asked for: bound, and looked at by a person.
    ACCEPTED: {REVIEW},
    REFUSED: set(),
    NOT_SENT: set(),
    NOT_CREATED: set(),
    WITHDRAWN: set(),
    DECLINED: set(),
}
# Nothing has left the house, and it may still be called off.
UNSENT = frozenset({RESERVED, HELD})
# While one of these stands, the broker may or may not hold the transfer: nothing else goes the same way.
IN_DOUBT = UNSENT | {SENDING, UNKNOWN, REVIEW}
NEVER_HAPPENED = frozenset({REFUSED, NOT_SENT, NOT_CREATED, WITHDRAWN, DECLINED})

# --- The broker's half ------------------------------------------------------------------------------------------------

QUEUED, SENT_TO_CLEARING, COMPLETE, RETURNED = "QUEUED", "SENT_TO_CLEARING", "COMPLETE", "RETURNED"
CANCELED, REJECTED, EXPIRED, SETTLED = "CANCELED", "REJECTED", "EXPIRED", "SETTLED"
APPROVAL_PENDING = "APPROVAL_PENDING"

RANK: Mapping[str, int] = {
    "": 0,
    QUEUED: 1,
    APPROVAL_PENDING: 2,
    "PENDING": 3,
    "APPROVED": 4,
    SENT_TO_CLEARING: 5,
    SETTLED: 6,  # seen on the wire only, and followed by COMPLETE or CANCELED
    COMPLETE: 7,
    CANCELED: 8,
    REJECTED: 8,
    EXPIRED: 8,
    RETURNED: 9,
}
ENDED_UNFUNDED = frozenset({CANCELED, REJECTED, EXPIRED})
CANCELABLE = frozenset({QUEUED, APPROVAL_PENDING})
# COMPLETE is not the end: a customer's bank may still take the money back for sixty days.
FINAL = ENDED_UNFUNDED | {RETURNED}


def status_may_move(before: str, after: str) -> bool:
    """Say whether the broker may have moved a transfer this way; an unknown word may come from and go anywhere."""
    if before == after or not after:
        return False
    if before not in RANK or after not in RANK:
        return before not in FINAL
    if before == COMPLETE:
        return after == RETURNED
    return before not in FINAL and RANK[after] > RANK[before]


# --- ACH relationships ------------------------------------------------------------------------------------------------
#
#   ours:    RESERVED ──► SENDING ──► ACCEPTED | REFUSED | UNKNOWN ──► ACCEPTED (found in the list)
#               ▲            │                        └──► RESERVED (not there: at most one can exist, so ask again)
#               └────────────┘ nothing left the house
#   broker:  QUEUED ► (SENT_TO_CLEARING | PENDING) ► APPROVED | REJECTED;  APPROVED ► CANCEL_REQUESTED ► … ► CANCELED

APPROVED, CANCEL_REQUESTED = "APPROVED", "CANCEL_REQUESTED"

LINKING_MOVES: Mapping[str, set[str]] = {
    RESERVED: {SENDING},
    SENDING: {ACCEPTED, REFUSED, UNKNOWN, RESERVED},
    UNKNOWN: {ACCEPTED, RESERVED, REVIEW},
    ACCEPTED: {REVIEW},
    REVIEW: {ACCEPTED, REFUSED},
    REFUSED: set(),
}
RELATIONSHIP_RANK: Mapping[str, int] = {
    "": 0,
    QUEUED: 1,
    SENT_TO_CLEARING: 2,
    "PENDING": 2,
    APPROVED: 3,
    CANCEL_REQUESTED: 4,
    "CANCEL_SENT": 5,
    "CANCEL_FAILED": 6,
    REJECTED: 7,
    CANCELED: 7,
}
RELATIONSHIP_ENDED = frozenset({REJECTED, CANCELED})


def relationship_may_move(before: str, after: str) -> bool:
    """Say whether the broker may have moved a relationship this way."""
    if before == after or not after:
        return False
    if before not in RELATIONSHIP_RANK or after not in RELATIONSHIP_RANK:
        return before not in RELATIONSHIP_ENDED
    return RELATIONSHIP_RANK[after] > RELATIONSHIP_RANK[before]
