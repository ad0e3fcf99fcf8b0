"""What keeps a customer from moving money now, said before anything is typed, with the way on.

Called by views; asks the operations, which decide again under the account's lock. Changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts import wording
from accounts.models import BrokerageAccount
from funding import bank_wording
from funding.models import ACHRelationship, Brake, Closing, Freeze
from funding.operations import limits, transfers
from funding.operations.limits import Cash, LimitReached, Room
from funding.operations.transfers import TransferNotPossible


@dataclass(frozen=True)
class Obstacle:
    """What is in the way, in plain words, and where to go from here."""

    title: str
    text: str
    url: str
    action: str
    tone: str = "warn"
    icon: str = "alert"
    stops_withdrawals: bool = False


def find(*, account: BrokerageAccount, relationship: ACHRelationship, direction: str, room: Room) -> Obstacle | None:
    """Return what keeps any amount from moving this way now."""
    try:
        transfers.require_possible(account=account, relationship=relationship, direction=direction)
        room.require_one_more()
    except TransferNotPossible as refusal:
        return _of(refusal, account, relationship, direction)
    except LimitReached as reached:
        return _one_a_day(reached, direction)
    if room.cash is not None and room.cash.debt:
        return _debt(room.cash)
    return None


def _of(
    refusal: TransferNotPossible, account: BrokerageAccount, relationship: ACHRelationship, direction: str
) -> Obstacle:
    told: dict[type[TransferNotPossible], Callable[[], Obstacle]] = {
        transfers.AccountFrozen: _frozen,
        transfers.AccountClosing: _closing,
        transfers.AccountBlocked: lambda: _said(wording.of_blocks(account)),
        transfers.DepositsPaused: _paused,
        transfers.RelationshipNotUsable: lambda: _bank(relationship),
        transfers.TransferInDoubt: lambda: _in_doubt(direction),
    }
    return told.get(type(refusal), lambda: _said(wording.of_status(account)))()


def everywhere(*, account: BrokerageAccount, relationship: ACHRelationship | None, cash: Cash) -> list[Obstacle]:
    """Return all that needs the customer's attention, whichever way they want to move money."""
    found = []
    is_frozen, is_closing = _holds(account)
    if is_frozen:
        found.append(_frozen())
    if is_closing:
        found.append(_closing())
    if cash.debt:
        found.append(_debt(cash))
    found += [_said(item) for item in wording.attention(account)]
    if relationship is not None and bank_wording.needs_attention(relationship):
        found.append(_bank(relationship))
    if Brake.is_on():
        found.append(_paused())
    return found


def _holds(account: BrokerageAccount) -> tuple[bool, bool]:
    """Say whether the account is frozen, and whether it is being closed; in one query."""
    frozen = Exists(Freeze.objects.filter(brokerage_account=OuterRef("pk"), lifted_at=None))
    closing = Exists(Closing.objects.open().filter(brokerage_account=OuterRef("pk")))
    held: tuple[bool, bool] = BrokerageAccount.objects.filter(pk=account.pk).values_list(frozen, closing).get()
    return held


def _write_to_us() -> dict[str, str]:
    return {"url": f"mailto:{settings.SUPPORT_EMAIL}", "action": "Write to us"}


def _frozen() -> Obstacle:
    text = "No money moves, in or out, while we look into something. Write to us, please."
    return Obstacle(
        "Your account is frozen", text, **_write_to_us(), tone="danger", icon="lock", stops_withdrawals=True
    )


def _closing() -> Obstacle:
    text = "No new transfers are taken. You can see how far it is, and call it off while nothing has been sent."
    title, action = "Your account is being closed", "See how far it is"
    return Obstacle(title, text, reverse("close"), action, icon="clock", stops_withdrawals=True)


def _debt(cash: Cash) -> Obstacle:
    text = limits.owing(cash.debt)
    return Obstacle("Your cash is below $0.00", text, reverse("deposit"), "Deposit", "danger")


def _said(item: wording.Item) -> Obstacle:
    """Return what the accounts' own words say."""
    return Obstacle(item.title, item.text, item.url, item.action, item.tone, item.icon)


def _paused() -> Obstacle:
    text = "We take no new deposits from anybody. It has nothing to do with your account. Please try again tomorrow."
    return Obstacle("Deposits are paused", text, reverse("transfers"), "See your transfers")


def _bank(relationship: ACHRelationship) -> Obstacle:
    words = bank_wording.of_relationship(relationship)
    title = bank_wording.TITLES.get(words.word, "Your bank link is being looked at")
    return Obstacle(title, words.lede, reverse("bank"), "See your bank account", words.tone or "warn", "bank")


def _in_doubt(direction: str) -> Obstacle:
    word = limits.WORDS[direction]
    text = (
        f"It is still being confirmed, or looked at; please don’t send it twice. Then you can ask for another {word}."
    )
    title = f"Wait until your other {word} is certain"
    return Obstacle(title, text, f"{reverse('transfers')}?status=moving", "See where it is", icon="clock")


def _one_a_day(reached: LimitReached, direction: str) -> Obstacle:
    title = f"No more {limits.WORDS[direction]}s today"
    return Obstacle(title, reached.customer_message, reverse("transfers"), "See your transfers", icon="clock")
