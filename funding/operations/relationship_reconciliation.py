"""Bank accounts (ACH relationships) held against the broker's, and against the logins at Plaid that they hang on.

Called by reconciling, the worker and admin; calls gateways.broker. May be killed and run again at any point.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from accounts.findings import Finding
from accounts.models import BrokerageAccount
from brokerage.gateways import broker
from brokerage.gateways.broker_answers import RelationshipAnswer
from brokerage.gateways.errors import VendorError
from funding import states
from funding.models import ACHRelationship
from funding.operations import settlement

ACTOR = "reconciliation"
# What the broker lists and does not use any more.
OVER = states.RELATIONSHIP_ENDED | states.BEING_CANCELED


def _at_once(read: Callable[..., Any], *args: Any) -> Any:
    return read(*args)


def reconcile_relationships(*, dry_run: bool = False) -> Iterator[Finding]:
    """Compare every account with a relationship that is open at the broker; yield each difference."""
    for account in accounts_with_banks():
        yield from reconcile_account(account=account, dry_run=dry_run)


def accounts_with_banks() -> Iterator[BrokerageAccount]:
    """Return the accounts with a bank account that is open at the broker."""
    open_ones = ACHRelationship.objects.open_at_the_broker().values("brokerage_account")
    return BrokerageAccount.objects.filter(pk__in=open_ones).order_by("pk").iterator(chunk_size=500)


def reconcile_account(
    *, account: BrokerageAccount, dry_run: bool = False, ask: Callable[..., Any] = _at_once
) -> Iterator[Finding]:
    """Compare one account's bank accounts with the broker's list; yield each difference.

    `ask` calls what it is given, within the budget of a run, and may raise BrokerAway.
    """
    try:
        listed = ask(broker.list_relationships, account.alpaca_id)
    except VendorError as fault:
        yield Finding(
            f"brokerage account {account.pk}", f"could not be compared: {fault}", mended=False, account=account.pk
        )
        return
    yield from compare(account, listed, dry_run=dry_run)


def compare(account: BrokerageAccount, listed: Iterable[RelationshipAnswer], *, dry_run: bool) -> Iterator[Finding]:
    """Hold one account's bank accounts against the broker's whole list of them; yield each difference."""
    theirs = {row.alpaca_id: row for row in listed}
    rows = ACHRelationship.objects.filter(brokerage_account=account).select_related("item")
    for link in rows.open_at_the_broker().order_by("pk"):
        yield from _compare(link, theirs.get(link.alpaca_id or ""), dry_run=dry_run)
        yield from _without_login(link)
    yield from _unknown(account, theirs)


def _compare(link: ACHRelationship, theirs: RelationshipAnswer | None, *, dry_run: bool) -> Iterator[Finding]:
    if theirs is None and link.status in states.BEING_CANCELED:
        mended = _mend(link, states.CANCELED, dry_run=dry_run)
        yield _of(link, "BANK_BEHIND", "removed there, as was asked for", "not listed", mended=mended)
    elif theirs is None:
        # The broker may leave ended ones out of its list; whether it does is not documented.
        yield _of(link, "BANK_NOT_LISTED", f"ours {link.status}, not in the broker's list", "not listed")
    elif theirs.status != link.status:
        mended = _mend(link, theirs.status, dry_run=dry_run)
        what = f"ours {link.status or 'new'}, the broker's {theirs.status}"
        yield _of(link, "BANK_BEHIND" if mended else "BANK_CONTRADICTS", what, theirs.status, mended=mended)


def _mend(link: ACHRelationship, status: str, *, dry_run: bool) -> bool:
    if dry_run:
        return states.relationship_may_move(link.status, status)
    return settlement.apply_to_relationship(relationship=link, status=status, actor=ACTOR)


def _of(link: ACHRelationship, code: str, what: str, theirs: str, *, mended: bool = False) -> Finding:
    return Finding(
        f"relationship {link.pk}", what, mended=mended, code=code, account=link.brokerage_account_id,
        ours=link.status, theirs=theirs,
        evidence={"ours": {"id": str(link.pk), "broker's id": link.alpaca_id or "", "status": link.status},
                  "theirs": {"status": theirs}},
    )  # fmt: skip


def _without_login(link: ACHRelationship) -> Iterator[Finding]:
    item = link.item
    if item is not None and item.health in (states.GONE, states.REMOVED) and not link.ending_because:
        yield _of(link, "BANK_WITHOUT_LOGIN", f"its login is {item.health}, and it is in use", link.status)


def unsure_of(account: BrokerageAccount) -> tuple[str, ...]:
    """Return the codes that cannot be looked for now: while a link of ours is in doubt, what is strange may be it."""
    doubts = ACHRelationship.objects.filter(sending__in=[states.SENDING, states.UNKNOWN, states.REVIEW])
    return ("BANK_UNKNOWN",) if doubts.filter(brokerage_account=account).exists() else ()


def _unknown(account: BrokerageAccount, theirs: dict[str, RelationshipAnswer]) -> Iterator[Finding]:
    """Yield what the broker could move money with, and we do not hold; nothing while a link of ours is in doubt."""
    strange = {key: row for key, row in theirs.items() if row.status not in OVER}
    if not strange or unsure_of(account):
        return
    held = set(ACHRelationship.objects.filter(alpaca_id__in=list(strange)).values_list("alpaca_id", flat=True))
    for alpaca_id, row in strange.items():
        if alpaca_id not in held:
            yield Finding(
                f"the broker's relationship {alpaca_id}", f"{row.status} there, and not ours", mended=False,
                code="BANK_UNKNOWN", account=account.pk, ours="not held", theirs=row.status,
                evidence={"theirs": {"broker's id": alpaca_id, "status": row.status}},
            )  # fmt: skip
