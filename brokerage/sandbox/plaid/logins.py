"""The people who bank at every institution of the sandbox, their passwords and their accounts."""

from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.plaid.refusal import PlaidRefusal

CODE = "1234"
LINKABLE = ("checking", "savings", "cash management")


@dataclass(frozen=True)
class BankAccount:
    name: str
    mask: str
    type: str
    subtype: str
    available: float | None
    current: float
    limit: float | None = None
    official_name: str | None = None

    def details(self) -> dict[str, Any]:
        """As Plaid shows it, but for the id, which it has only once it is part of an Item."""
        return {
            "balances": {
                "available": self.available,
                "current": self.current,
                "limit": self.limit,
                "iso_currency_code": "USD",
                "unofficial_currency_code": None,
            },
            "mask": self.mask,
            "name": self.name,
            "official_name": self.official_name,
            "type": self.type,
            "subtype": self.subtype,
        }


CHECKING = BankAccount(
    "Plaid Checking", "0000", "depository", "checking", 100, 110, None, "Plaid Gold Standard 0% Interest Checking"
)
ACCOUNTS = (
    CHECKING,
    BankAccount(
        "Plaid Saving", "1111", "depository", "savings", 200, 210, None, "Plaid Silver Standard 0.1% Interest Saving"
    ),
    BankAccount("Plaid CD", "2222", "depository", "cd", None, 1000),
    BankAccount("Plaid Credit Card", "3333", "credit", "credit card", None, 410, 2000),
    BankAccount("Plaid Money Market", "4444", "depository", "money market", 43200, 43200),
    BankAccount("Plaid IRA", "5555", "investment", "ira", None, 320.76),
    BankAccount("Plaid 401k", "6666", "investment", "401k", None, 23631.9805),
    BankAccount("Plaid Student Loan", "7777", "loan", "student", None, 65262),
    BankAccount("Plaid Mortgage", "8888", "loan", "mortgage", None, 56302.06),
    BankAccount("Plaid HSA", "9001", "depository", "hsa", 6009, 6009),
    BankAccount("Plaid Cash Management", "9002", "depository", "cash management", 12060, 12060),
    BankAccount("Plaid Business Credit Card", "9999", "credit", "credit card", 4980, 5020, 10000),
)
USERS = {"user_good": ACCOUNTS, "user_single": (CHECKING,)}


def check(username: str, password: str) -> bool:
    """Whether a code is wanted as well. Raises PlaidRefusal; a password like error_ITEM_LOCKED names which."""
    if password.startswith("error_"):
        raise PlaidRefusal(password.removeprefix("error_"))
    if username not in USERS or password not in ("pass_good", "mfa_device"):
        raise PlaidRefusal("INVALID_CREDENTIALS", "the provided credentials were not correct")
    return password == "mfa_device"


def accounts_of(username: str, *, products: list[str], filters: dict[str, Any]) -> list[BankAccount]:
    """The accounts that fit: with auth only those that money can be moved with, and only what the filters name."""
    return [account for account in USERS[username] if _fits(account, products, filters)]


def _fits(account: BankAccount, products: list[str], filters: dict[str, Any]) -> bool:
    if "auth" in products and (account.type != "depository" or account.subtype not in LINKABLE):
        return False
    if not filters:
        return True
    subtypes = (filters.get(account.type) or {}).get("account_subtypes") or []
    return "all" in subtypes or account.subtype in subtypes
