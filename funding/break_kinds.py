"""The kinds of break: what each means, how bad it is, whose it is, and what heals it.

Called by operations that find breaks, by the desk and by the close report. The code is what is kept in a row.

Three books are held against each other: what was asked for here (intents), the broker's transfers, and the broker's
cash activities, which name no transfer. Links and people are held against the broker's, and logins against Plaid's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CRITICAL, HIGH, LOW = "CRITICAL", "HIGH", "LOW"
SEVERITIES = (CRITICAL, HIGH, LOW)  # the worst first
OPERATOR, COMPLIANCE, ENGINEER = "operator", "compliance", "engineer"
TRANSFERS, CASH, LINKS, ITEMS, PEOPLE = "transfers", "cash", "relationships", "items", "accounts"
AREAS = (PEOPLE, ITEMS, LINKS, TRANSFERS, CASH)


@dataclass(frozen=True)
class Kind:
    """One kind of break. `by_itself` says that reconciliation heals it; `two_persons`, that money hangs on it, so that
    whoever closes it by hand is not whoever wanted it closed."""

    code: str
    area: str
    title: str
    severity: str
    owner: str
    heals: str
    by_itself: bool = False
    two_persons: bool = False


_ALL = (
    # What was asked for here, and the broker's transfers
    Kind("STATUS_BEHIND", TRANSFERS, "Our status is behind the broker’s", LOW, OPERATOR,
         "the broker's status is taken over", by_itself=True),
    Kind("STATUS_CONTRADICTS", TRANSFERS, "The broker’s status can’t follow ours", HIGH, OPERATOR,
         "a person asks the broker what became of it", two_persons=True),
    Kind("NOT_LISTED", TRANSFERS, "Ours is not in the broker’s list", CRITICAL, OPERATOR,
         "it ends when the broker lists it again; a person asks the broker", two_persons=True),
    Kind("MADE_ELSEWHERE", TRANSFERS, "Made at the broker, not here", LOW, OPERATOR,
         "taken in as EXTERNAL", by_itself=True),
    Kind("ADOPTABLE", TRANSFERS, "One of ours in doubt, found at the broker", LOW, OPERATOR,
         "adopted: the one that fits is bound to ours", by_itself=True),
    Kind("MAY_BE_OURS", TRANSFERS, "May be one of ours in doubt", HIGH, OPERATOR,
         "the resolver finds out, or the person who reviews ours decides"),
    Kind("AMOUNT_DIFFERS", TRANSFERS, "The broker’s transfer has another amount", CRITICAL, OPERATOR,
         "a person asks the broker which amount moved", two_persons=True),
    Kind("DIRECTION_DIFFERS", TRANSFERS, "The broker’s transfer goes the other way", CRITICAL, OPERATOR,
         "a person asks the broker", two_persons=True),
    Kind("BANK_DIFFERS", TRANSFERS, "The broker’s transfer has another bank account", CRITICAL, OPERATOR,
         "a person asks the broker", two_persons=True),
    Kind("OTHER_ACCOUNT", TRANSFERS, "Listed for another account than ours", CRITICAL, OPERATOR,
         "a person asks the broker", two_persons=True),
    Kind("TWIN", TRANSFERS, "A second one like one of ours", CRITICAL, OPERATOR,
         "a person finds out whether money moved twice, and has one canceled or paid back", two_persons=True),
    Kind("THERE_AFTER_ALL", TRANSFERS, "Like one that we say was never made", CRITICAL, OPERATOR,
         "a person finds out whether money moved twice, and has one canceled or paid back", two_persons=True),
    Kind("UNFAMILIAR_STATUS", TRANSFERS, "The broker uses a word that we do not know", HIGH, ENGINEER,
         "our code learns the word"),
    Kind("OVERDUE", TRANSFERS, "Under way for far too long", HIGH, OPERATOR, "a person asks the broker"),
    Kind("UNREADABLE", TRANSFERS, "Has no amount or direction that we can read", HIGH, ENGINEER,
         "it ends when the broker says it whole"),
    # The broker's transfers, and its cash
    Kind("CASH_MISSING", CASH, "Settled, and no cash was booked", CRITICAL, OPERATOR,
         "it ends when the row appears; a person asks the broker", two_persons=True),
    Kind("CASH_UNEXPLAINED", CASH, "Cash was booked for no transfer", CRITICAL, OPERATOR,
         "a person matches it, or says what it is", two_persons=True),
    Kind("CASH_TWICE", CASH, "Cash was booked twice for one transfer", CRITICAL, OPERATOR,
         "it ends when the broker corrects one row", two_persons=True),
    Kind("CASH_AMOUNT_DIFFERS", CASH, "Cash was booked with another amount", CRITICAL, OPERATOR,
         "it ends when the broker corrects the row", two_persons=True),
    Kind("CASH_WRONG_SIGN", CASH, "Cash was booked the wrong way", CRITICAL, OPERATOR,
         "it ends when the broker corrects the row", two_persons=True),
    Kind("CASH_ANOTHER_DAY", CASH, "Cash was booked on a day far off", HIGH, OPERATOR,
         "a person matches the two", two_persons=True),
    Kind("CASH_BEFORE_SETTLED", CASH, "Cash was booked for a transfer still under way", LOW, OPERATOR,
         "it ends when the broker calls the transfer complete"),
    Kind("CASH_FOR_ENDED", CASH, "Cash was booked for a transfer that came to nothing", CRITICAL, OPERATOR,
         "a person asks the broker which of the two is true", two_persons=True),
    Kind("RETURN_NOT_BOOKED", CASH, "Returned, and its cash was not taken back", HIGH, OPERATOR,
         "it ends when the offsetting row appears"),
    Kind("RETURN_UNHEARD", CASH, "Cash was taken back, and we heard of no return", CRITICAL, OPERATOR,
         "it ends when the broker calls the transfer returned; a person asks", two_persons=True),
    Kind("CASH_OFFSET", CASH, "Booked and taken back: the two rows cancel out", LOW, OPERATOR,
         "the two are matched with each other", by_itself=True),
    Kind("CASH_UNKNOWN_ACCOUNT", CASH, "Cash was booked on an account that we do not hold", HIGH, COMPLIANCE,
         "it ends when the account is connected; a person finds out whose it is"),
    Kind("CASH", TRANSFERS, "The broker’s cash is not what our lines explain", CRITICAL, OPERATOR,
         "it ends when the sums agree again", two_persons=True),
    # Links and logins
    Kind("BANK_BEHIND", LINKS, "Our bank account’s status is behind the broker’s", LOW, OPERATOR,
         "the broker's status is taken over", by_itself=True),
    Kind("BANK_CONTRADICTS", LINKS, "The broker’s status of a bank account can’t follow ours", HIGH, OPERATOR,
         "a person asks the broker"),
    Kind("BANK_NOT_LISTED", LINKS, "Our bank account is not in the broker’s list", HIGH, OPERATOR,
         "it ends when the broker lists it again; a person asks, or unlinks it"),
    Kind("BANK_UNKNOWN", LINKS, "The broker lists a bank account that we do not hold", CRITICAL, COMPLIANCE,
         "a person has the broker remove it"),
    Kind("BANK_WITHOUT_LOGIN", LINKS, "A bank account in use whose login is gone", HIGH, OPERATOR,
         "the customer links the bank anew, or a person unlinks it"),
    Kind("LOGIN_BEHIND", ITEMS, "A login is not as we thought", LOW, OPERATOR,
         "Plaid's word is taken over", by_itself=True),
    Kind("LOGIN_UNFAMILIAR", ITEMS, "Plaid uses a word that we do not know", HIGH, ENGINEER,
         "our code learns the word"),
    # People and their accounts
    Kind("ACCOUNT_BEHIND", PEOPLE, "What we know of an account is behind the broker’s", LOW, OPERATOR,
         "the broker's word is taken over", by_itself=True),
    Kind("ACCOUNT_CONTRADICTS", PEOPLE, "The broker’s status of an account can’t follow ours", HIGH, COMPLIANCE,
         "a person asks the broker what became of it"),
    Kind("ACCOUNT_DETAILS", PEOPLE, "The broker has other details of a person", HIGH, COMPLIANCE,
         "the customer, or a person here, says which are right"),
    Kind("ACCOUNT_NOT_THERE", PEOPLE, "The broker does not know our account", CRITICAL, COMPLIANCE,
         "a person asks the broker"),
    Kind("ACCOUNT_UNKNOWN", PEOPLE, "The broker holds an account that we do not", HIGH, COMPLIANCE,
         "a person connects it, or finds out whose it is"),
    Kind("PERSON", PEOPLE, "Our own rows of a person do not agree", HIGH, ENGINEER, "a person mends the rows"),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.code: kind for kind in _ALL}
BY_ITSELF = frozenset(kind.code for kind in _ALL if kind.by_itself)
TWO_PERSONS = frozenset(kind.code for kind in _ALL if kind.two_persons)


def codes(area: str) -> frozenset[str]:
    """Return the codes of one area."""
    return frozenset(kind.code for kind in _ALL if kind.area == area)


def of(code: str) -> Kind:
    """Return the kind of a code; one that an older version used is told by its code."""
    return KINDS.get(code) or Kind(
        code, "", code.replace("_", " ").capitalize(), HIGH, ENGINEER, "a person looks at it"
    )
