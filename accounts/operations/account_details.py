"""Whether the broker keeps the same details of a person as we do: which differ, and never what they say.

Called by account_reconciliation. We keep names and addresses as people write them, the broker in its own letters.
"""

from collections.abc import Iterator

from accounts.models import BrokerageAccount
from accounts.operations.broker_form import in_broker_letters
from brokerage.gateways.broker_answers import AccountAnswer


def differing(account: BrokerageAccount, answer: AccountAnswer) -> list[str]:
    """Return the names of the details that the broker tells otherwise; what it does not tell is none of them.

    Where the answers were purged there is nothing to compare.
    """
    if account.application.is_purged:
        return []
    return [name for name, ours, theirs in _pairs(account, answer) if theirs and ours != theirs]


def _pairs(account: BrokerageAccount, answer: AccountAnswer) -> Iterator[tuple[str, str, str]]:
    ours = account.application
    yield "first name", _plain(ours.given_name), _plain(answer.given_name)
    yield "middle name", _plain(ours.middle_name), _plain(answer.middle_name)
    yield "last name", _plain(ours.family_name), _plain(answer.family_name)
    yield "e-mail", account.user.email.strip().lower(), answer.email.strip().lower()
    yield "phone", _digits(ours.phone), _digits(answer.phone)
    street = _plain(ours.street_address, ours.street_address_2, ours.unit)
    yield "street address", street, _plain(*answer.street, answer.unit) if answer.street else ""
    yield "city", _plain(ours.city), _plain(answer.city)
    # The broker takes a state by its name as well; we keep the two letters.
    yield "state", _plain(ours.state), _plain(answer.state) if len(answer.state) == len(ours.state) else ""
    yield "ZIP code", _plain(ours.postal_code)[:5], _plain(answer.postal_code)[:5]


def _plain(*parts: str) -> str:
    """Return parts of a name or an address in the broker's letters, without what spelling alone makes different."""
    return " ".join(" ".join(in_broker_letters(part) for part in parts).casefold().split())


def _digits(phone: str) -> str:
    return "".join(digit for digit in phone if digit.isdecimal())
