"""The overview of people who hold more than cash, and the page of their documents, in their main states."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import AgreementSignature, BrokerageAccount, DocumentList
from tests import make
from tests.browser.scenes import Scene, an_account
from tests.harness.unguarded import remove

if TYPE_CHECKING:
    from playwright.sync_api import Page


def for_investors() -> list[Scene]:
    """Return the pages of people whose account holds more than cash, and of their documents."""
    investor, new, away = _investor(), an_account("undocumented"), an_account("unlisted")
    make.portfolio(new)
    remove(AgreementSignature.objects.exclude(application__user=investor.user))
    make.document(new).delete()
    asked_at = timezone.now()
    DocumentList.objects.create(brokerage_account=away, asked_at=asked_at)
    page, user = "/overview/", investor.user
    return [
        Scene("overview, nothing held", "You hold none yet", page, new.user),
        Scene("overview, invested", "Account value over time", page, user),
        Scene("overview, values", "Show the values as a table", f"{page}?period=all", user, _unfold),
        Scene("overview, all positions", "Investments", f"{page}?positions=all", user),
        Scene("documents", "As the broker listed them on", "/documents/", user),
        Scene("documents, a kind", "These are the newest", "/documents/?kind=confirmations", user),
        Scene("documents, none of that", "No document matches", "/documents/?kind=other", user),
        Scene("documents, filter errors", "Choose a year from the list", "/documents/?year=1066", user),
        Scene("documents, none", "No documents yet", "/documents/", new.user),
        Scene("documents, never listed", "We can’t reach the broker right now", "/documents/", away.user),
    ]


def _unfold(page: "Page") -> None:
    page.locator("summary", has_text="Show the values").click()


def _investor() -> BrokerageAccount:
    """Make somebody who has been here for two years."""
    account = make.relationship(an_account("investor", cash="1240.55")).brokerage_account
    held = [("VTI", "12.5", "3612.50", "412.10"), ("BND", "40", "2894.00", "-61.44"), ("BRK.B", "1", "488.10", "0.00")]
    held += [(f"SYM{n}", "0.123456789", f"{200 - n}.00", "1.00") for n in range(24)]
    values = [f"{4000 + n * 3 + n % 40 * 20}.00" for n in range(730)]
    make.portfolio(account, *held, history=make.history(*values))
    today = timezone.localdate()
    for days in range(0, 400, 3):
        make.document(account, "trade_confirmation", today - timedelta(days=days))
    for months in range(1, 25):
        make.document(account, "account_statement", today - timedelta(days=30 * months))
    make.document(account, "tax_statement", today - timedelta(days=280), name="1099-DIV and 1099-B, consolidated")
    make.document(account, "account_application", today - timedelta(days=730))
    return account
