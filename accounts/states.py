"""What an application and a brokerage account may be, and what may follow what.

An application (ours; how far the one request that opens an account has come):

    DRAFT ──► READY ──► SENDING ──► ACCEPTED
                ▲          ├──────► REFUSED ──► READY   (corrected and sent again)
                ├──────────┤ nothing left the house
                └───────── UNKNOWN ──► ACCEPTED         (looked up by e-mail: it is there)
                              └──────► REFUSED          (the e-mail is another person's there)

A brokerage account (the broker's own words, stored as they come):

    INACTIVE, ONBOARDING ──► SUBMITTED ⇄ SUBMISSION_FAILED
                                 │
        ┌────────────────────────┴────────────┐
        ▼                                     ▼
    ACTION_REQUIRED ⇄ APPROVAL_PENDING ──► APPROVED ──► ACTIVE ⇄ ACCOUNT_UPDATED
        │                  │
        └────────┬─────────┘
                 ▼
             REJECTED ──► any of the above   (reopened by the broker: taken over, with an alarm)

    any ──► ACCOUNT_CLOSED, which is the end

A step may be skipped, since we may hear of the last one only. A word we do not know (the broker's older documents have
some: DISABLED, AML_REVIEW, …) is kept, reported and waited on.
https://docs.alpaca.markets/us/docs/accounts-statuses

A change of details (ours; one request that sets values, so that sending it again is harmless):

    RESERVED ──► SENDING ──► ACCEPTED | REFUSED
       ▲  │         ├──────► NOT_SENT ──► SENDING        (after a pause)
       │  │         └──────► UNKNOWN ──► ACCEPTED        (the account is read: it is as wanted)
       │  │                     ├──────► REFUSED         (the broker said no, or that it clashes, and it is not there)
       │  │                     ├──────► WITHDRAWN       (not there either, and the account takes no changes any more)
       └──┼─────────────────────┘ it is not as wanted
          └─ and NOT_SENT ─┬► WITHDRAWN                  (called off, or the account takes no changes any more)
                           └► UNKNOWN                    (the same, but an attempt may have arrived: it is read first)

A change of the e-mail address (ours; a letter to each address, and both have to say yes):

    ASKED ──► CONFIRMED ──► DONE                         (here, and before that at the broker where there is an account)
      │           └───────► REFUSED                      (the address is somebody else's here, or the broker says no)
      └───► EXPIRED | CANCELED | REFUSED                 (REFUSED: somebody else confirmed the same address first)

A document on its way to the broker (ours; the file itself is in memory alone, so nobody can send it later):

    RESERVED ──► SENDING ──► ACCEPTED
        │           ├──────► REFUSED     (the broker does not take it)
        └───────────┼──────► NOT_SENT    (nothing left the house)
                    └──────► UNKNOWN ──► ACCEPTED | REFUSED | NOT_SENT
                                         (its sender was given up, and the answer came after all)

UNKNOWN is the end where the answer was lost; a second one does no harm there. A file that is sent again is another row.
"""

from collections.abc import Mapping

DRAFT, READY, SENDING, UNKNOWN, REFUSED, ACCEPTED = "DRAFT", "READY", "SENDING", "UNKNOWN", "REFUSED", "ACCEPTED"

APPLICATION_MOVES: Mapping[str, set[str]] = {
    DRAFT: {READY},
    READY: {SENDING, REFUSED},  # refused here: a text that was agreed to has changed since
    SENDING: {ACCEPTED, REFUSED, UNKNOWN, READY},
    # The broker refuses a second account for one e-mail address, so sending again after a look-up is harmless.
    UNKNOWN: {ACCEPTED, READY, REFUSED},
    REFUSED: {READY, ACCEPTED},  # accepted: a person of ops has found out whose the account there is
    ACCEPTED: set(),
}

RESERVED, NOT_SENT = "RESERVED", "NOT_SENT"

UPLOAD_MOVES: Mapping[str, set[str]] = {
    RESERVED: {SENDING, NOT_SENT},
    SENDING: {ACCEPTED, REFUSED, NOT_SENT, UNKNOWN},
    UNKNOWN: {ACCEPTED, REFUSED, NOT_SENT},
}

# Our own reasons for a refusal: the broker keeps this e-mail address for an account that is not surely this person's;
# what the customer agreed to has changed before it was sent.
OTHER_IDENTITY = "email: the broker keeps it for an account that is not surely theirs"
TEXT_CHANGED = "agreement: the text was changed before it was sent"

ACTIVE, REJECTED, CLOSED, UPDATED = "ACTIVE", "REJECTED", "ACCOUNT_CLOSED", "ACCOUNT_UPDATED"
ACTION_REQUIRED, APPROVAL_PENDING = "ACTION_REQUIRED", "APPROVAL_PENDING"
OPENING = frozenset(
    {"INACTIVE", "ONBOARDING", "SUBMITTED", "SUBMISSION_FAILED", ACTION_REQUIRED, APPROVAL_PENDING, "APPROVED"}
)
OPENED = frozenset({ACTIVE, UPDATED})
OVER = frozenset({CLOSED, REJECTED})
KNOWN = OPENING | OPENED | OVER
# While the broker is still to decide, it looks at what it is sent; one that waits for its own machine needs nothing.
TAKES_DOCUMENTS = (OPENING | {UPDATED}) - {"INACTIVE", "SUBMISSION_FAILED", "APPROVED"}

# While these stand the broker takes changes of a person's details; one that it could not confirm may be mended so.
TAKES_CHANGES = OPENED | {ACTION_REQUIRED}

# The broker's own blocks, by the way in which they stop money. Others ("trading_blocked") stop none.
STOP_ALL_MONEY = frozenset({"account_blocked", "transfers_blocked"})
STOP_DEPOSITS = STOP_ALL_MONEY | {"incoming_transfers_blocked"}
STOP_WITHDRAWALS = STOP_ALL_MONEY | {"outgoing_transfers_blocked"}


RESERVED, NOT_SENT, WITHDRAWN = "RESERVED", "NOT_SENT", "WITHDRAWN"

CHANGE_MOVES: Mapping[str, set[str]] = {
    RESERVED: {SENDING, WITHDRAWN, UNKNOWN},
    SENDING: {ACCEPTED, REFUSED, NOT_SENT, UNKNOWN},
    NOT_SENT: {SENDING, WITHDRAWN, UNKNOWN},
    UNKNOWN: {ACCEPTED, REFUSED, RESERVED, WITHDRAWN},
    ACCEPTED: set(),
    REFUSED: set(),
    WITHDRAWN: set(),
}
# Nothing of it is on its way to the broker now; and: it is not over.
UNSENT_CHANGE = frozenset({RESERVED, NOT_SENT})
OPEN_CHANGE = UNSENT_CHANGE | {SENDING, UNKNOWN}

ASKED, CONFIRMED, DONE, EXPIRED, CANCELED = "ASKED", "CONFIRMED", "DONE", "EXPIRED", "CANCELED"

EMAIL_MOVES: Mapping[str, set[str]] = {
    ASKED: {CONFIRMED, EXPIRED, CANCELED, REFUSED},
    CONFIRMED: {DONE, REFUSED},
    DONE: set(),
    REFUSED: set(),
    EXPIRED: set(),
    CANCELED: set(),
}
OPEN_EMAIL_CHANGE = frozenset({ASKED, CONFIRMED})


def account_may_move(before: str, after: str) -> bool:
    """Say whether the broker may have moved an account this way; an unknown word may come from and go anywhere.

    Whether a rejected application can be reopened is not documented; where the broker says that it was, it was.
    """
    if before in (after, CLOSED) or not after:
        return False
    if before not in KNOWN or after not in KNOWN or before in OPENING or before == REJECTED:
        return True
    return after in OPENED | {CLOSED}
