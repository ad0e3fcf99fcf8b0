"""What a bank's return code means, in plain words, and what it does to the ACH relationship.

Nacha's list of return reasons; the broker names the code in prose only. Called by settlement.
"""

import re
from dataclasses import dataclass

KEEP, SUSPEND = "keep", "suspend"
_CODE = re.compile(r"\bR(\d{2})\b")


@dataclass(frozen=True)
class ReturnCode:
    """One reason: the code, what the customer reads, and whether the relationship may go on."""

    code: str
    because: str
    relationship: str


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
_QUESTIONABLE = {
    "R06": "the sending bank asked for it back",
    "R14": "the bank reported a change in who may use the account",
    "R15": "the bank reported a change in who may use the account",
    "R17": "the bank questions the account's details",
    "R31": "the sending bank asked for it back",
    "R90": "the bank questions the payment",
}


def _group(reasons: dict[str, str], relationship: str) -> dict[str, ReturnCode]:
    return {code: ReturnCode(code, because, relationship) for code, because in reasons.items()}


CODES: dict[str, ReturnCode] = (
    _group(_FUNDS, KEEP)
    | _group(_DEAD_ACCOUNT, SUSPEND)
    | _group(_STOPPED, SUSPEND)
    | _group(_UNAUTHORIZED, SUSPEND)
    | _group(_QUESTIONABLE, SUSPEND)
)
LACK_OF_MONEY = frozenset(_FUNDS)
# A bank that gives no reason we can read is a reason to stop and look.
NO_CODE = ReturnCode("", "the bank gave no reason that we can read", SUSPEND)


def read(prose: str) -> ReturnCode:
    """Return the code named in the broker's prose; NO_CODE where there is none.

    R18–R85 that are in no group are about formats and dealings between banks: the relationship is kept.
    """
    match = _CODE.search(prose)
    if match is None:
        return NO_CODE
    code = f"R{match[1]}"
    return CODES.get(code, ReturnCode(code, f"the bank gave reason {code}", KEEP))
