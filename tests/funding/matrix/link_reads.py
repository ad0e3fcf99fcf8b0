"""Every read that we make of a login at a bank: its route, the news that waits there, what stands before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import candidates, item_reconciliation
from tests.funding.matrix.banks import ACCOUNTS, ITEM, MATCH, NONE, Someone
from tests.funding.standing import SENDER

ELSE = "somebody else’s"
TOMORROW = "a_word_of_tomorrow"
Patch = dict[str, Any]


@dataclass(frozen=True)
class LinkRead:
    """One read; `old` stands with us until the news at Plaid, `new`, is read."""

    name: str
    route: str
    prepare: Callable[[Someone], object]
    take: Callable[[Someone], object]
    kept: Callable[[Someone], str]
    old: str
    new: str
    another: Patch  # what makes its answer one about another
    # What has an unknown word in it, what stands of it then, and whether it is reported.
    strange: tuple[Callable[[Someone], Patch], str, bool]
    optional: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


def _read_due(somebody: Someone) -> None:
    somebody.clocks.advance(minutes=10)
    item_reconciliation.read_due(sender=SENDER)


def _carry_on(somebody: Someone) -> None:
    somebody.clocks.advance(minutes=61)
    candidates.carry_on_due(sender=SENDER)


def _finish(somebody: Someone) -> None:
    """Come back from Link, or choose the button once more: its token was traded for already."""
    somebody.finish(LinkSession.objects.get(), "public-sandbox-traded")


def _wants_sign_in(somebody: Someone) -> None:
    item = somebody.linked().login
    somebody.sandbox.post(f"/control/plaid/items/{item.plaid_item_id}", state="login_required")


def _candidate(somebody: Someone, sending: str, **more: str) -> None:
    """Have a bank account chosen that has come so far."""
    item, chosen = somebody.shared()
    ACHRelationship.objects.create(
        brokerage_account=somebody.account, item=item, plaid_account_id=chosen.plaid_account_id,
        mask=chosen.mask, subtype=chosen.subtype, sending=sending, **more,
    )  # fmt: skip


def _awaits_deposits(somebody: Someone) -> None:
    """Have an account verified at Plaid that waits for its small deposits here."""
    _candidate(somebody, states.UNVERIFIED, verification="pending_automatic_verification")


def _owner_is_asked_for(somebody: Someone) -> None:
    _candidate(somebody, states.CHECKING)
    somebody.settings.OWNER_CHECK = "match"


def _traded(somebody: Someone) -> None:
    item, _ = somebody.shared()
    LinkSession.objects.create(user=somebody.user, item=item, outcome="linked")


def _health(somebody: Someone) -> str:
    return PlaidItem.objects.get().health


def _sending(somebody: Someone) -> str:
    return ACHRelationship.objects.get().sending


def _account(somebody: Someone, **more: Any) -> Patch:
    """Return an answer about the one account that is there, with something else in it."""
    link = ACHRelationship.objects.get()
    account = {"account_id": link.plaid_account_id, "type": "depository", "subtype": "checking"}
    return {"accounts": [account | more]}


ANOTHER_ITEM = {"item": {"item_id": ELSE}}

READS = [
    LinkRead(
        "item get", ITEM, _wants_sign_in, _read_due, _health,
        old=states.GOOD, new=states.SIGN_IN,
        another=ANOTHER_ITEM,
        strange=(lambda _: {"item": {"error": {"error_code": TOMORROW.upper()}}}, states.GOOD, True),
        optional=("status", "item.auth_method", "item.webhook", "item.institution_id", "item.consent_expiration_time"),
    ),
    LinkRead(
        "accounts get, to see small deposits", ACCOUNTS, _awaits_deposits, _carry_on, _sending,
        old=states.UNVERIFIED, new=states.ACCEPTED,
        another=ANOTHER_ITEM,
        strange=(lambda somebody: _account(somebody, verification_status=TOMORROW), states.UNVERIFIED, True),
        optional=("accounts.balances", "accounts.official_name", "accounts.mask", "item", "request_id"),
    ),
    LinkRead(
        "accounts get, to choose one", ACCOUNTS, _traded, _finish, lambda somebody: somebody.bank,
        old=NONE, new="Being approved",
        another=ANOTHER_ITEM,
        strange=(lambda _: {"accounts": [{"account_id": "1", "type": "depository", "subtype": TOMORROW}]}, NONE, False),
        optional=("accounts.balances", "accounts.official_name", "accounts.mask", "item", "request_id"),
    ),
    LinkRead(
        "identity match", MATCH, _owner_is_asked_for, _carry_on, _sending,
        old=states.CHECKING, new=states.ACCEPTED,
        another={"accounts": [{"account_id": ELSE, "legal_name": {"score": 100}}]},
        # Whoever the bank does not name, a person looks at: that is the report.
        strange=(lambda somebody: _account(somebody, legal_name={"score": "high"}), states.HELD, False),
        optional=("accounts.balances", "accounts.email_address", "accounts.legal_name.is_nickname_match", "item"),
    ),
]  # fmt: skip
