"""What a bank's return code means, in plain words, and what it does to the ACH relationship and the customer.

Nacha's list of return reasons; the broker names the code in prose only. Called by returns and wording.

    group           relationship                          customer
    funds           kept; the second in 60 days stops     told
                    deposits
    dead account    suspended; another bank is asked for  told
    stopped         suspended until ops clears it         told
    unauthorized    every one of the item suspended       frozen, case, two persons unfreeze
    changed holder  suspended                             frozen, case
    questioned      suspended                             case
    between banks   kept                                  case
    no code         suspended                             case, and an alarm
"""

import re
from dataclasses import dataclass

FUNDS, DEAD_ACCOUNT, STOPPED, UNAUTHORIZED_GROUP = "funds", "dead account", "stopped", "unauthorized"
CHANGED_HOLDER, QUESTIONED, BETWEEN_BANKS, NO_CODE_GROUP = "changed holder", "questioned", "between banks", "no code"
SUSPENDING = frozenset({DEAD_ACCOUNT, STOPPED, UNAUTHORIZED_GROUP, CHANGED_HOLDER, QUESTIONED, NO_CODE_GROUP})
FREEZING = frozenset({UNAUTHORIZED_GROUP, CHANGED_HOLDER})
_CODE = re.compile(r"\bR(\d{2})\b")


@dataclass(frozen=True)
class ReturnCode:
    """One reason: the code, what the customer reads, and the group that says what it does."""

    code: str
    because: str
    group: str


_FUNDS = {"R01": "there was not enough money in the account", "R09": "the money in the account had not cleared yet"}
_DEAD_ACCOUNT = {
    "R02": "the account is closed",
    "R03": "the bank could not find the account",
    "R04": "the account number is not valid any more",
    "R12": "the account was sold to another bank",
    "R13": "the bank does not take part in ACH",
    "R20": "this kind of account takes no ACH transfers",
    "R28": "the bank's routing number is wrong",
}
_STOPPED = {
    "R08": "a stop was placed on this payment",
    "R16": "the account is frozen",
    "R23": "the payment was not accepted at the bank",
    "R24": "the bank saw it as a duplicate",
}
_UNAUTHORIZED = {
    "R05": "the bank was told that the payment was not authorized",
    "R07": "the authorization was withdrawn at the bank",
    "R10": "the bank was told that the payment was not authorized",
    "R11": "the bank was told that the payment does not match its authorization",
    "R29": "the bank was told that the payment was not authorized",
    "R51": "the bank was told that the payment was not authorized",
}
_CHANGED_HOLDER = {
    "R14": "the bank reported a change in who may use the account",
    "R15": "the bank reported a change in who may use the account",
}
_QUESTIONED = {
    "R06": "the sending bank asked for it back",
    "R17": "the bank questions the account's details",
    "R31": "the sending bank asked for it back",
    "R90": "the bank questions the payment",
}


def _group(reasons: dict[str, str], group: str) -> dict[str, ReturnCode]:
    return {code: ReturnCode(code, because, group) for code, because in reasons.items()}


CODES: dict[str, ReturnCode] = (
    _group(_FUNDS, FUNDS)
    | _group(_DEAD_ACCOUNT, DEAD_ACCOUNT)
    | _group(_STOPPED, STOPPED)
    | _group(_UNAUTHORIZED, UNAUTHORIZED_GROUP)
    | _group(_CHANGED_HOLDER, CHANGED_HOLDER)
    | _group(_QUESTIONED, QUESTIONED)
)
LACK_OF_MONEY = frozenset(_FUNDS)
UNAUTHORIZED = frozenset(_UNAUTHORIZED)
ADMINISTRATIVE = frozenset({"R02", "R03", "R04"})  # as Nacha counts them for its rate
# A bank that gives no reason we can read is a reason to stop and look.
NO_CODE = ReturnCode("", "the bank gave no reason that we can read", NO_CODE_GROUP)


def read(prose: str) -> ReturnCode:
    """Return the code named in the broker's prose; NO_CODE where there is none.

    Codes that are in no group are about formats and dealings between banks.
    """
    match = _CODE.search(prose)
    return of(f"R{match[1]}") if match else NO_CODE


def of(code: str) -> ReturnCode:
    """Return what is known of a code as it was kept; of none at all, NO_CODE."""
    if not code:
        return NO_CODE
    return CODES.get(code, ReturnCode(code, f"the bank gave reason {code}", BETWEEN_BANKS))
