"""Every read that we make of the broker: its route, the news that waits there, what stands with us before and after."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.models import BrokerageAccount
from accounts.operations import account_status
from funding import states
from funding.models import Transfer
from funding.operations import canceling, reconciliation, relationship_reconciliation, resolving
from tests.funding.standing import LIST, OUT, Clocks, Customer, lost, read_anew, work

ELSE = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Story:
    """What a read is about."""

    ada: Customer
    clocks: Clocks
    transfer: Transfer

    @property
    def account(self) -> BrokerageAccount:
        account: BrokerageAccount = read_anew(self.ada.account)
        return account

    def control(self, path: str, **fields: Any) -> None:
        self.ada.sandbox.post(f"/control/{path}", **fields)


@dataclass(frozen=True)
class Read:
    """One read; `old` stands with us until the news at the broker, `new`, is read."""

    name: str
    route: str
    prepare: Callable[[Story], None]
    take: Callable[[Story], object]
    kept: Callable[[Story], str]
    old: str
    new: str
    # What stands, and how loudly it is reported, where the answer is about another; and where it has an unknown word.
    another: tuple[dict[str, Any], str, str]
    strange: tuple[dict[str, Any], str, str]
    patch: str = "patch_after_commit"
    cuts: tuple[str, ...] = ("short_answer", "reset_mid_answer")
    optional: tuple[str, ...] = ("reason", "created_at", "updated_at", "fee")
    dies: dict[str, Any] = field(default_factory=lambda: {"kind": "hang_after_commit", "seconds": 30})

    def __str__(self) -> str:
        return self.name

    @property
    def is_stream(self) -> bool:
        return self.patch == "event_patch"


def _lost(story: Story) -> None:
    Transfer.objects.filter(pk=story.transfer.pk).update(status="x")  # the story's other transfer is of no interest
    lost(story.ada, "60.00", OUT)


def _looked_up(story: Story) -> Transfer:
    return Transfer.objects.select_related("attempt", "brokerage_account", "relationship").get(amount=60)


def _look_up(story: Story) -> object:
    return resolving.resolve(transfer=_looked_up(story))


def _sending(story: Story) -> str:
    found = _looked_up(story)
    return f"{found.sending} {found.status}".strip()


def _settle(story: Story) -> None:
    story.control(f"transfers/{story.transfer.alpaca_id}", action="settle")
    story.clocks.advance(seconds=1)


def _status(story: Story) -> str:
    return Transfer.objects.get(pk=story.transfer.pk).status


def _cash(story: Story) -> str:
    """Return the cash that we hold, and whether it is known to be an hour old."""
    account = story.account
    assert account.cash_as_of is not None
    return f"{account.cash}{', old' if (timezone.now() - account.cash_as_of).seconds >= 3600 else ''}"


def _more_cash(story: Story) -> None:
    story.control("balances", account_id=story.account.alpaca_id, amount="1500.00")
    story.clocks.advance(hours=1)


def _queued_here(story: Story) -> None:
    type(story.ada.relationship).objects.update(status=states.QUEUED)


def _approved_here(story: Story) -> None:
    BrokerageAccount.objects.update(status="APPROVED")


def _updated(story: Story) -> None:
    story.control(f"accounts/{story.account.alpaca_id}", status="ACCOUNT_UPDATED")
    story.clocks.advance(seconds=1)


ROW_OF_ANOTHER = {"account_id": ELSE}
TELEPORTED = {"status": "TELEPORTED"}
STREAM: dict[str, Any] = {"patch": "event_patch", "cuts": ("stream_reset", "event_partial"), "optional": ("reason",)}

READS = [
    Read(
        "transfer list, to look up", LIST, _lost, _look_up, _sending,
        old="UNKNOWN", new="ACCEPTED QUEUED",
        another=(ROW_OF_ANOTHER, "REVIEW QUEUED", "ERROR"), strange=(TELEPORTED, "ACCEPTED TELEPORTED", "ERROR"),
        optional=("reason", "account_id", "created_at", "fee"),
    ),
    Read(
        "transfer list, to reconcile", LIST, _settle,
        lambda story: list(reconciliation.reconcile_account(account=story.account)), _status,
        old="QUEUED", new="COMPLETE",
        another=(ROW_OF_ANOTHER, "COMPLETE", "ERROR"), strange=(TELEPORTED, "TELEPORTED", "ERROR"),
    ),
    Read(
        "transfer list, to read again", LIST, _settle,
        lambda story: canceling.read_again(transfer=story.transfer), _status,
        old="QUEUED", new="COMPLETE",
        another=(ROW_OF_ANOTHER, "COMPLETE", "ERROR"), strange=(TELEPORTED, "TELEPORTED", "ERROR"),
    ),
    Read(
        "cash", "GET /broker/v1/trading/accounts/*/account", _more_cash,
        lambda story: account_status.refresh_cash(account=story.account), _cash,
        old="1000.00, old", new="1500.00",
        another=({"id": ELSE, "cash": "9.00"}, "1000.00, old", "ERROR"),
        strange=({"cash": "a lot"}, "1000.00, old", "WARNING"),
        optional=("equity", "pending_transfer_out", "currency"),
    ),
    Read(
        "relationship list", "GET /broker/v1/accounts/*/ach_relationships", _queued_here,
        lambda story: list(relationship_reconciliation.reconcile_relationships()),
        lambda story: str(read_anew(story.ada.relationship).status),
        old="QUEUED", new="APPROVED",
        another=(ROW_OF_ANOTHER, "APPROVED", "ERROR"), strange=(TELEPORTED, "TELEPORTED", "ERROR"),
    ),
    Read(
        "account", "GET /broker/v1/accounts/*", _approved_here, lambda story: list(account_status.reconcile()),
        lambda story: story.account.status,
        old="APPROVED", new="ACTIVE",
        another=({"id": ELSE}, "APPROVED", "ERROR"), strange=(TELEPORTED, "TELEPORTED", "ERROR"),
        optional=("contact", "identity", "account_number", "kyc_results"),
    ),
    Read(
        "stream of funding events", "GET /broker/v2/events/funding/status", _settle, lambda story: work(), _status,
        old="QUEUED", new="COMPLETE",
        another=(ROW_OF_ANOTHER, "COMPLETE", "ERROR"), strange=({"status_to": "TELEPORTED"}, "TELEPORTED", "ERROR"),
        dies={"kind": "stream_idle", "skip": 3, "seconds": 30}, **STREAM,
    ),
    Read(
        "stream of account events", "GET /broker/v1/events/accounts/status", _updated, lambda story: work(),
        lambda story: story.account.status,
        old="ACTIVE", new="ACCOUNT_UPDATED",
        # It is then another account's news, and none of ours: the five-minute comparison reads it all the same.
        another=(ROW_OF_ANOTHER, "ACTIVE", ""), strange=({"status_to": "TELEPORTED"}, "TELEPORTED", "ERROR"),
        dies={"kind": "stream_idle", "skip": 1, "seconds": 30}, **STREAM,
    ),
]  # fmt: skip
