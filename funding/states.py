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
#   ours:    UNVERIFIED ──► CHECKING ──► HELD ──► WAITING ──► RESERVED ──► SENDING ──► ACCEPTED | REFUSED | UNKNOWN
#            small deposits  its owner    a person  the one       ▲            │          UNKNOWN ──► ACCEPTED (found)
#            prove it        is compared  looks     before it     └────────────┘                  └─► RESERVED (not
#                                                   must end      nothing left the house   there: at most one can exist)
#            What is not made good or is called off before SENDING is REFUSED or WITHDRAWN. The first four are
#            candidates: not the account's bank yet, so one may stand beside it. A step that is not needed is skipped.
#   broker:  QUEUED ► (SENT_TO_CLEARING | PENDING) ► APPROVED | REJECTED;  APPROVED ► CANCEL_REQUESTED ► … ► CANCELED

UNVERIFIED, CHECKING, WAITING = "UNVERIFIED", "CHECKING", "WAITING"
APPROVED, CANCEL_REQUESTED, CANCEL_FAILED = "APPROVED", "CANCEL_REQUESTED", "CANCEL_FAILED"

LINKING_MOVES: Mapping[str, set[str]] = {
    UNVERIFIED: {CHECKING, REFUSED, WITHDRAWN},
    CHECKING: {UNVERIFIED, HELD, WAITING, RESERVED, REFUSED, WITHDRAWN},
    HELD: {WAITING, RESERVED, REFUSED, WITHDRAWN},
    WAITING: {RESERVED, WITHDRAWN},
    RESERVED: {SENDING, WITHDRAWN},
    SENDING: {ACCEPTED, REFUSED, UNKNOWN, RESERVED},
    UNKNOWN: {ACCEPTED, RESERVED, REVIEW},
    ACCEPTED: {REVIEW},
    REVIEW: {ACCEPTED, REFUSED},
    REFUSED: set(),
    WITHDRAWN: set(),
}
CANDIDATE = frozenset({UNVERIFIED, CHECKING, HELD, WAITING})
# Nothing of it has left the house, so it can be dropped without asking the broker.
UNSENT_LINK = CANDIDATE | {RESERVED}
RELATIONSHIP_RANK: Mapping[str, int] = {
    "": 0,
    QUEUED: 1,
    SENT_TO_CLEARING: 2,
    "PENDING": 2,
    APPROVED: 3,
    CANCEL_REQUESTED: 4,
    "CANCEL_SENT": 5,
    CANCEL_FAILED: 6,
    REJECTED: 7,
    CANCELED: 7,
}
BEING_CANCELED = frozenset({CANCEL_REQUESTED, "CANCEL_SENT"})
RELATIONSHIP_ENDED = frozenset({REJECTED, CANCELED})


def relationship_may_move(before: str, after: str) -> bool:
    """Say whether the broker may have moved a relationship this way."""
    if before == after or not after:
        return False
    if before not in RELATIONSHIP_RANK or after not in RELATIONSHIP_RANK:
        return before not in RELATIONSHIP_ENDED
    return RELATIONSHIP_RANK[after] > RELATIONSHIP_RANK[before]


# Why we ended or called off what depends on a bank account: kept as a row's reason, told to customers by `wording`.
NOT_APPROVED = "the bank account was not approved"
OUT_OF_REACH = "the bank account can't be reached"
NOT_YOURS = "the bank account is somebody else’s"
NOT_VERIFIED = "it could not be verified"

# --- Logins at a bank (Plaid's items) ---------------------------------------------------------------------------------
#
#   GOOD ◄──► EXPIRING ──► SIGN_IN        the customer signs in again, here or with another application
#     ▲           │           │
#     └───────────┴───────────┴──► REVOKED     access was taken back; links through it can't be used
#                                     └──► GONE      Plaid holds it no more; nor do we, once REMOVED
#
# Read from Plaid again whenever there is a hint, so any of the first four may follow any other.

GOOD, EXPIRING, SIGN_IN, REVOKED, GONE, REMOVED = "GOOD", "EXPIRING", "SIGN_IN", "REVOKED", "GONE", "REMOVED"

_ALIVE = frozenset({GOOD, EXPIRING, SIGN_IN, REVOKED})
HEALTH_MOVES: Mapping[str, frozenset[str]] = {
    **{health: (_ALIVE - {health}) | {GONE, REMOVED} for health in _ALIVE},
    GONE: frozenset({REMOVED}),
    REMOVED: frozenset(),
}
# No money moves through a login in one of these; from one that wants a sign-in, no deposits.
ACCESS_LOST = frozenset({REVOKED, GONE, REMOVED})
NO_DEPOSITS = ACCESS_LOST | {SIGN_IN}

# --- Closing an account -----------------------------------------------------------------------------------------------
#
#   RESERVED ──► SENDING ──► DONE | REFUSED
#    │   ▲          ├─────► RESERVED             nothing left the house
#    │   └──────────┴─────► UNKNOWN ──► DONE     the account is read: it is closed
#    └─► WITHDRAWN             └──────► RESERVED it is open: sent again, since what is closed is closed once;
#        (no doubt before)                       from a doubt on it is not WITHDRAWN any more

DONE = "DONE"

CLOSING_MOVES: Mapping[str, set[str]] = {
    RESERVED: {SENDING, WITHDRAWN, DONE},
    SENDING: {DONE, REFUSED, UNKNOWN, RESERVED},
    UNKNOWN: {DONE, REFUSED, RESERVED},
    DONE: set(),
    REFUSED: set(),
    WITHDRAWN: set(),
}
OPEN_CLOSING = frozenset({RESERVED, SENDING, UNKNOWN})
