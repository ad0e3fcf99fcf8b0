"""Which accounts a session of Link has to offer, and what stands for each in a form."""

from brokerage.sandbox.plaid import logins
from brokerage.sandbox.plaid.bank_accounts import BankAccount
from brokerage.sandbox.plaid.frame_sessions import Session


def offered(session: Session) -> list[BankAccount]:
    """The accounts that fit what was asked for, and that the customer ticked where the bank asked as well."""
    products, filters = session.asked.get("products") or ["auth"], session.asked.get("account_filters") or {}
    found = logins.accounts_of(str(session.username), products=products, filters=filters)
    approved = session.details.get("approved")
    return found if approved is None else picked(found, approved)


def key_of(account: BankAccount, among: list[BankAccount]) -> str:
    """What stands for an account in a form: its mask, or its place where that says too little."""
    masks = [other.mask for other in among]
    return account.mask if account.mask and masks.count(account.mask) == 1 else f"place-{among.index(account)}"


def picked(among: list[BankAccount], keys: list[str]) -> list[BankAccount]:
    return [account for account in among if key_of(account, among) in keys]
