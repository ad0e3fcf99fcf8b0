"""The pages on which the books do not agree: breaks, runs, cash and closes, each in its main states."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from brokerage import banking_days
from funding import break_kinds, states
from funding.models import Break, CashActivity, ReconciliationRun
from funding.operations import breaks, daily_close
from tests import make
from tests.browser.scenes import Scene, an_account
from tests.funding.cash import cash, missing, settled, unexplained

LIST = "/admin/funding/break/"


def _gone_through(*areas: str, **more: Any) -> None:
    now = timezone.now()
    for area in areas or break_kinds.AREAS:
        began = now - timedelta(minutes=7)
        counts = {"compared": 20154, "rows": 41230, "calls": 20960, "found": 4, "healed": 1}
        values: dict[str, Any] = {"holder": "worker 1", "began_at": began, "finished_at": now, **counts}
        ReconciliationRun.objects.create(area=area, **(values | more))


def of_breaks() -> list[Scene]:
    """Return the queue, and a break in each way that it can stand."""
    ops, first = (make.user(f"{name}@example.com", is_staff=True, is_superuser=True) for name in ("ops", "first"))
    bank = make.relationship(an_account("grace"))
    month_ago = timezone.now() - timedelta(days=30)
    transfer = settled(bank, settled_at=month_ago)
    sides = {
        "ours": {"id": str(transfer.pk), "broker's id": transfer.alpaca_id, "amount": "250.00",
                 "direction": "INCOMING", "status": "COMPLETE", "settled": month_ago.isoformat()},
        "theirs": {"broker's id": "20260302150000000::0a1b", "kind": "CSD", "amount": "205.00",
                   "settle date": str(banking_days.today(month_ago)), "status": "EXECUTED"},
    }  # fmt: skip
    wrong = cash(bank, "205.00", alpaca_id="20260302150000000::0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d")
    differs = unexplained(wrong, kind="CASH_AMOUNT_DIFFERS", transfer=transfer, evidence=sides, owner=ops,
                          ours="250.00", theirs="205.00", first_seen_at=timezone.now() - timedelta(days=3))  # fmt: skip
    row = cash(bank, "250.00")
    asked = unexplained(row, first_seen_at=timezone.now() - timedelta(hours=5))
    because = "The broker’s support says that this row is the deposit of last month (ticket 4711)."
    proposal = {"do": breaks.MATCH, "cash": str(row.pk), "transfer": str(transfer.pk)}
    breaks.propose(row=asked, person=first, because=because, proposal=proposal)
    alone = missing(settled(bank, "19.99", settled_at=month_ago))
    low = Break.objects.create(kind="LOGIN_BEHIND", subject=f"item {bank.item_id}", what="could not be read",
                               brokerage_account=bank.brokerage_account)  # fmt: skip
    breaks.propose(row=low, person=first, because="Plaid was away", proposal={"do": breaks.DISMISS})
    Break.objects.create(kind="CASH_UNKNOWN_ACCOUNT", subject="cash 20260302::9", what="not ours", theirs="5.00")
    page = f"{LIST}{differs.pk}/"
    return [
        Scene("breaks", "Cash was booked with another amount", LIST, ops),
        Scene("breaks, none", "0 breaks", f"{LIST}?kind=TWIN", ops),
        Scene("breaks, closed", "dismissed", f"{LIST}?state=closed", ops),
        Scene("break", "side by side", f"{page}change/", ops),
        Scene("break, asked", "Waits for a second person", f"{LIST}{asked.pk}/change/", ops),
        Scene("break, ended", "Dismissed.", f"{LIST}{low.pk}/change/", ops),
        Scene("break, agree", "with both your names", f"{LIST}{asked.pk}/agree/", ops),
        Scene("break, agree, oneself", "someone else has to agree", f"{LIST}{asked.pk}/agree/", first),
        Scene("break, give", "Choose somebody", f"{page}give/", ops),
        Scene("break, match", "None of this account fits", f"{LIST}{alone.pk}/match/", ops),
        Scene("break, match, errors", "Nothing is done yet", f"{page}match/", ops, _press),
        Scene("break, propose", "a second person has to agree", f"{page}propose/", ops),
    ]


def _press(page: Any) -> None:
    page.locator(".submit-row input[type=submit]").click()


def of_books() -> list[Scene]:
    """Return runs, cash, and the closes of two days: one explained, one not."""
    ops = make.user("ops@example.com", is_staff=True, is_superuser=True)
    day = daily_close.last_ended(timezone.now())
    before = daily_close.last_ended(daily_close.ends_at(day) - timedelta(seconds=1))
    _gone_through()
    good = daily_close.close(day=before, holder="worker 1")
    bank, noon = make.relationship(an_account("grace")), daily_close.ends_at(day) - timedelta(hours=9)
    for amount in ("1234.50", "20000.00"):
        cash(bank, amount, on=day, transfer=settled(bank, amount, settled_at=noon), role=CashActivity.BOOKING)
    settled(bank, "40.00", direction=states.OUTGOING, settled_at=noon)
    row = cash(bank, "19.99", on=day)
    unexplained(row)
    _gone_through(break_kinds.ITEMS, uncompared=3)
    bad = daily_close.close(day=day, holder="worker 1")
    run = ReconciliationRun.objects.first()
    matched = CashActivity.objects.exclude(transfer=None).latest("pk")
    close = "/admin/funding/dailyclose/"
    return [
        Scene("runs", "Something was not compared", "/admin/funding/reconciliationrun/", ops),
        Scene("run", "What came of it", f"/admin/funding/reconciliationrun/{run and run.pk}/change/", ops),
        Scene("cash", "Matched with a transfer", "/admin/funding/cashactivity/", ops),
        Scene("cash, matched", "Take the match back", f"/admin/funding/cashactivity/{matched.pk}/change/", ops),
        Scene("cash, unmatched", "not matched", f"/admin/funding/cashactivity/{row.pk}/change/", ops),
        Scene("cash, unmatch", "stand alone again", f"/admin/funding/cashactivity/{matched.pk}/unmatch/", ops),
        Scene("closes", "Explained", close, ops),
        Scene("close, differences", "What does not agree", f"{close}{bad.pk}/change/", ops),
        Scene("close, explained", "Every dollar that settled", f"{close}{good.pk}/change/", ops),
    ]
