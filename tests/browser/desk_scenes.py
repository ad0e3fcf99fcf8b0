"""The pages on which ops find things, read them anew, and are given roles."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from funding import states
from funding.models import Case
from tests import make
from tests.browser.scenes import Scene, an_account


def of_finding() -> list[Scene]:
    """Return the search in each of its states, the start page full and empty, and lists that can be had as CSV."""
    ops = make.user("ops@example.com", is_staff=True, is_superuser=True)
    empty = make.user("viewer@example.com", is_staff=True)
    bank = make.relationship(an_account("sought"), suspended_at=timezone.now(), suspended_because="R08")
    held = make.transfer(bank, "9000.00", sending=states.HELD)
    many = [make.transfer(bank, "77.00", direction="OUTGOING", status="COMPLETE") for _ in range(21)]
    account = bank.brokerage_account
    Case.objects.create(transfer=many[0], brokerage_account=account, kind=Case.Kind.QUESTIONED, because="R08")
    make.stream_read("accounts/status", timezone.now())
    make.stream_read("transfers/status", timezone.now() - timedelta(minutes=9))
    colleague: User = make.user("colleague@example.com", is_staff=True)
    colleague.role_changes.create(after="viewer", by=ops, because="joined on Monday")
    transfer, of_account = f"/admin/funding/transfer/{held.pk}/", f"/admin/accounts/brokerageaccount/{account.pk}/"
    return [
        Scene("desk, with a strip", "Nothing waits in", "/admin/", ops),
        Scene("desk, nothing to do", "Nothing waits for a person", "/admin/", empty),
        Scene("search, found", "Bank accounts", "/admin/search/?q=sought", ops),
        Scene("search, many", "The newest 20 are shown", "/admin/search/?q=%2477.00", ops),
        Scene("search, nothing", "Nothing that you may read", "/admin/search/?q=nobody@nowhere", ops),
        Scene("search, not understood", "Type what you have", "/admin/search/", ops),
        Scene("search, one by its id", "What the customer sees", f"/admin/search/?q={held.pk}", ops),
        Scene("desk, read a transfer again", "Nothing is sent", f"/admin/funding/transfer/{many[0].pk}/read/", ops),
        Scene("desk, not at the broker", "has not heard of", f"{transfer}read/", ops),
        Scene("desk, an account with its money", "Frozen, or to look into", f"{of_account}change/", ops),
        Scene("desk, no role for oneself", "This is about yourself", f"/admin/accounts/user/{ops.pk}/role/", ops),
        Scene("desk, roles", "Roles, the newest first", f"/admin/accounts/user/{colleague.pk}/change/", ops),
        Scene(
            "desk, give a role", "It counts from their next click", f"/admin/accounts/user/{colleague.pk}/role/", ops
        ),
        Scene("desk, a list", "Download as CSV", "/admin/accounts/user/", ops),
    ]
