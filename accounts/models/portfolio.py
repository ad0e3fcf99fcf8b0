"""What an account is invested in and was worth day by day, as the broker last told: for pages, not for the books."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models

from accounts.models.brokerage import BrokerageAccount

_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Holding:
    """What is held of one asset; what the broker did not tell is None."""

    symbol: str
    quantity: Decimal
    value: Decimal | None
    cost: Decimal | None
    gain: Decimal | None  # below zero where it is a loss

    @property
    def gain_percent(self) -> Decimal | None:
        """Return the gain in percent of what it cost, to a tenth; None where that means nothing."""
        if self.gain is None or not self.cost:
            return None
        return abs(self.gain / self.cost * 100).quantize(_TENTH, rounding=ROUND_HALF_UP)


class Portfolio(models.Model):
    """The broker's last word on one account's positions and value; each is kept until a newer one comes.

    Amounts stand in the JSON as text: `positions` is a list of {symbol, quantity, value, cost, gain}, `history` a list
    of [day, amount], oldest first.
    """

    brokerage_account = models.OneToOneField(
        BrokerageAccount, on_delete=models.PROTECT, primary_key=True, related_name="portfolio"
    )
    positions = models.JSONField(default=list, editable=False)
    positions_as_of = models.DateTimeField(null=True, editable=False)
    history = models.JSONField(default=list, editable=False)
    history_as_of = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)  # also when no answer came

    def __str__(self) -> str:
        return f"Portfolio of {self.brokerage_account_id}"

    @property
    def holdings(self) -> list[Holding]:
        """Return what is held, the most valuable first."""
        found = [_holding(row) for row in self.positions]
        return sorted(found, key=lambda holding: (-(holding.value or Decimal(0)), holding.symbol))

    @property
    def value(self) -> Decimal | None:
        """Return what the positions are worth together; None where the broker did not tell that of each."""
        values = [holding.value for holding in self.holdings]
        known = [value for value in values if value is not None]
        return sum(known, Decimal("0.00")) if len(known) == len(values) and self.positions_as_of else None

    @property
    def days(self) -> list[tuple[date, Decimal]]:
        """Return what the account was worth day by day, oldest first."""
        return [(date.fromisoformat(day), Decimal(amount)) for day, amount in self.history]


def _holding(row: dict[str, Any]) -> Holding:
    return Holding(
        symbol=row["symbol"],
        quantity=Decimal(row["quantity"]),
        value=_amount(row["value"]),
        cost=_amount(row["cost"]),
        gain=_amount(row["gain"]),
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
