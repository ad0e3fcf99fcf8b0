"""Telling a customer what has become of their account: in the transaction of the news.

Called by account_status, right where it moves a row or keeps the broker's blocks; the words are in wording.notices.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from accounts import documents_asked, states
from accounts.models import BrokerageAccount
from accounts.operations import notices
from accounts.wording.notices import Kind, Message, kind_of_status, of_blocks, of_status

# How every account begins, whether or not the broker says so.
SUBMITTED = "SUBMITTED"


@dataclass(frozen=True)
class Standing:
    """How an account stands, as far as its customer is told of it."""

    status: str
    indeterminate: list[str]
    restraints: list[str]

    @classmethod
    def of(cls, account: BrokerageAccount) -> "Standing":
        restraints = [*account.blocks, *account.liquidation_only]
        return cls(account.status, account.kyc_codes("indeterminate"), restraints)


_WHERE = {Kind.OPEN: "overview", Kind.OPEN_AGAIN: "overview", Kind.BLOCKED: "overview", Kind.UNBLOCKED: "overview"}


def tell_of_beginning(account: BrokerageAccount) -> None:
    """Tell that the broker has the application, or what it made of it at once."""
    at = timezone.now()
    if kind_of_status(account, SUBMITTED, account.status) is None:
        _tell(account, Kind.RECEIVED, of_status(account, Kind.RECEIVED), at)
    tell_of_status(account, SUBMITTED, account.status, at=at)


def tell_of_news(account: BrokerageAccount, before: Standing) -> None:
    """Tell what one piece of news has changed, with the account as it stands now and as it stood before."""
    at, now = timezone.now(), Standing.of(account)
    tell_of_status(account, before.status, now.status, at=at)
    tell_of_findings(account, before.indeterminate, at=at)
    tell_of_blocks(account, before.restraints, now.restraints, at=at)


def tell_of_status(account: BrokerageAccount, before: str, after: str, *, at: datetime) -> None:
    """Tell what a move means that was just made, if it means anything to them; `at` names the episode.

    The account stands at `after`, with the findings that came with the news.
    """
    kind = kind_of_status(account, before, after) if before != after else None
    if kind is not None:
        _tell(account, kind, of_status(account, kind), at)


def tell_of_findings(account: BrokerageAccount, asked_before: Collection[str], *, at: datetime) -> None:
    """Tell of documents that the broker asks for on top of others, while the account stands as it stood.

    `asked_before` are the codes that were indeterminate until now. News that moves the account as well is told once, by
    the same `at`.
    """
    asked = {asked.code for asked in documents_asked.asked_of(account)}
    if account.status == states.ACTION_REQUIRED and asked - set(asked_before):
        _tell(account, Kind.DOCUMENTS_ASKED, of_status(account, Kind.DOCUMENTS_ASKED), at)


def tell_of_blocks(
    account: BrokerageAccount, before: Collection[str], after: Collection[str], *, at: datetime | None = None
) -> None:
    """Tell what the broker has blocked, restricted or lifted, if that has changed.

    `before` and `after` are its words for both, `blocks` and `liquidation_only` together; the account carries `after`.
    """
    if set(before) != set(after):
        kind = Kind.BLOCKED if after else Kind.UNBLOCKED
        _tell(account, kind, of_blocks(account), at or timezone.now())


def _tell(account: BrokerageAccount, kind: Kind, message: Message, at: datetime) -> None:
    notices.tell(
        user=account.user,
        key=f"account {account.pk} {kind} {at.isoformat()}"[:120],
        kind=f"ACCOUNT_{kind}",
        title=message.title,
        body=message.body,
        path=reverse(_WHERE.get(kind, "apply-waiting")),
    )
