"""The people who bank at every institution of the sandbox, their passwords and their accounts.

Used by Link's frame and by /sandbox/public_token/create. A customer is known by a *login*: the username, or for
`user_custom` the username and the story that came as the password; `remembered` makes one, and it fits a column.
"""

from dataclasses import replace
from typing import Any

from brokerage.sandbox.plaid import challenges, custom_users
from brokerage.sandbox.plaid.bank_accounts import EVERYBODY, BankAccount, Owner, can_transfer
from brokerage.sandbox.plaid.challenges import CODE as CODE
from brokerage.sandbox.plaid.refusal import PlaidRefusal

CUSTOM = "user_custom"
ANY_PASSWORD = ("user_transactions_dynamic",)
GOOD_PASSWORDS = ("pass_good", "microdeposits_good", '{"recaptcha":"good"}', '{"recaptcha": "good"}')
RECAPTCHA_BAD = ('{"recaptcha":"bad"}', '{"recaptcha": "bad"}')

CHECKING = BankAccount(
    "Plaid Checking", "0000", "depository", "checking", 100, 110, None, "Plaid Gold Standard 0% Interest Checking"
)
SAVINGS = BankAccount(
    "Plaid Saving", "1111", "depository", "savings", 200, 210, None, "Plaid Silver Standard 0.1% Interest Saving"
)
CREDIT_CARD = BankAccount("Plaid Credit Card", "3333", "credit", "credit card", None, 410, 2000)
ACCOUNTS = (
    CHECKING,
    SAVINGS,
    BankAccount("Plaid CD", "2222", "depository", "cd", None, 1000),
    CREDIT_CARD,
    BankAccount("Plaid Money Market", "4444", "depository", "money market", 43200, 43200),
    BankAccount("Plaid IRA", "5555", "investment", "ira", None, 320.76),
    BankAccount("Plaid 401k", "6666", "investment", "401k", None, 23631.9805),
    BankAccount("Plaid Student Loan", "7777", "loan", "student", None, 65262),
    BankAccount("Plaid Mortgage", "8888", "loan", "mortgage", None, 56302.06),
    BankAccount("Plaid HSA", "9001", "depository", "hsa", 6009, 6009),
    BankAccount("Plaid Cash Management", "9002", "depository", "cash management", 12060, 12060),
    BankAccount("Plaid Business Credit Card", "9999", "credit", "credit card", 4980, 5020, 10000),
)
USERS = {
    "user_good": ACCOUNTS,
    "user_transactions_dynamic": ACCOUNTS,
    "user_ewa_user": ACCOUNTS,
    "user_yuppie": ACCOUNTS,
    "user_small_business": ACCOUNTS,
    "microdeposits_good": ACCOUNTS,
    # Ours: with money enough, and then each with one trouble.
    "user_saver": (
        replace(CHECKING, available=20_000, current=20_000),
        replace(SAVINGS, available=60_000, current=60_000),
    ),
    "user_single": (replace(CHECKING, available=60_000, current=60_000),),
    "user_low_balance": (replace(CHECKING, available=3.5, current=3.5),),
    "user_null_available": (replace(CHECKING, available=None),),
    "user_other_name": (replace(CHECKING, owner=Owner(names=("Somebody Else",))), SAVINGS),
    "user_joint": (
        replace(CHECKING, available=20_000, current=20_000, owner=Owner(names=(EVERYBODY, "Somebody Else"))),
    ),
    "user_near_name": (replace(CHECKING, available=20_000, current=20_000, owner=Owner(likeness=60)),),
    "user_credit_only": (CREDIT_CARD,),
}


def check(username: str, password: str) -> bool:
    """Whether a code is wanted as well. Raises PlaidRefusal; a password like error_ITEM_LOCKED names which."""
    return bool(rounds(username, password))


def rounds(username: str, password: str) -> tuple[challenges.Challenge, ...]:
    """What the bank asks besides the password, in order. Raises PlaidRefusal when the password is wrong."""
    if username == CUSTOM:
        story = custom_users.read(password)
        custom_users.check(story)
        return challenges.of_story(story.get("mfa") or {})
    if password.startswith("error_"):
        raise PlaidRefusal(password.removeprefix("error_"))
    if password in RECAPTCHA_BAD:
        raise PlaidRefusal("RECAPTCHA_BAD")
    asked = challenges.after_password(password)
    if username not in USERS or not (asked or password in GOOD_PASSWORDS or username in ANY_PASSWORD):
        raise PlaidRefusal("INVALID_CREDENTIALS", "the provided credentials were not correct")
    return asked


def remembered(username: str, password: str) -> str:
    """The login by which `accounts_of` knows a customer later on; it says no more than it must."""
    return f"{CUSTOM} {password}" if username == CUSTOM else username


def all_accounts_of(login: str) -> tuple[BankAccount, ...]:
    """Raises PlaidRefusal for a customer that nobody knows."""
    if login.startswith(f"{CUSTOM} "):
        return custom_users.accounts_of(custom_users.read(login.removeprefix(f"{CUSTOM} ")))
    if login not in USERS:
        raise PlaidRefusal("INVALID_CREDENTIALS", "the provided credentials were not correct")
    return USERS[login]


def accounts_of(login: str, *, products: list[str], filters: dict[str, Any]) -> list[BankAccount]:
    """The accounts that fit: with auth only those that money can be moved with, and only what the filters name."""
    return [account for account in all_accounts_of(login) if _fits(account, products, filters)]


def _fits(account: BankAccount, products: list[str], filters: dict[str, Any]) -> bool:
    if "auth" in products and not can_transfer({"type": account.type, "subtype": account.subtype}):
        return False
    if not filters:
        return True
    subtypes = (filters.get(account.type) or {}).get("account_subtypes") or []
    return "all" in subtypes or account.subtype in subtypes
