"""Ways to break invariants 4 and 6: more went than the cash or a limit of its time allowed."""

from datetime import timedelta
from decimal import Decimal

from funding.models import Transfer, TransferEvent
from funding.operations.invariants import decided
from tests.funding.breaking.money import changed
from tests.funding.breaking.ways import breaks
from tests.funding.standing import OUT, Customer


@breaks(decided.kept_within_cash, "takes open withdrawals to $1,000.01; the cash was $1,000.00")
def more_than_the_cash(ada: Customer) -> Transfer:
    return changed(ada.move("50.00", OUT), amount=Decimal("1000.01"))


@breaks(decided.kept_within_cash, "takes open withdrawals to $1,000.01; the cash was $1,000.00")
def together_more_than_the_cash(ada: Customer) -> Transfer:
    ada.move("600.00", OUT)
    return changed(ada.move("50.00", OUT), amount=Decimal("400.01"))


@breaks(decided.kept_within_cash, "was decided on a figure of the cash that was too old")
def an_old_figure(ada: Customer) -> Transfer:
    transfer = ada.ask("50.00", OUT)
    beginning = transfer.events.get()
    at = (transfer.created_at - timedelta(minutes=3)).isoformat()
    TransferEvent.objects.filter(pk=beginning.pk).update(evidence=beginning.evidence | {"cash_as_of": at})
    return transfer


@breaks(decided.kept_within_limits, "takes one transfer to $25,000.01; the limit is $25,000.00")
def a_large_one(ada: Customer) -> Transfer:
    return changed(ada.ask("50.00"), amount=Decimal("25000.01"))


@breaks(decided.kept_within_limits, "takes one day to $50,000.01; the limit is $50,000.00")
def a_large_day(ada: Customer) -> Transfer:
    for amount in ("25000.00", "20000.00"):
        changed(ada.move("50.00"), amount=Decimal(amount))
    return changed(ada.move("50.00"), amount=Decimal("5000.01"))


@breaks(decided.kept_within_limits, "takes 30 days to $100,000.01; the limit is $100,000.00")
def a_large_month(ada: Customer) -> Transfer:
    *earlier, last = (ada.move("50.00", OUT) for _ in range(5))
    for transfer, days in zip(earlier, (29, 20, 10, 5), strict=True):
        at = transfer.created_at - timedelta(days=days)
        changed(transfer, amount=Decimal("24000.00"), created_at=at, leaves_on=at.date())
    return changed(last, amount=Decimal("4000.01"))
