"""A transfer as one row of a list.

Made by views, shown by templates/funding/_transfer_row.html.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from funding import states
from funding.models import ACHRelationship, Transfer
from funding.wording import Words, of_transfer


@dataclass(frozen=True)
class TransferRow:
    url: str
    direction: str
    amount: Decimal
    created_at: datetime
    words: Words
    relationship: ACHRelationship | None
    is_struck: bool

    @classmethod
    def of(cls, transfer: Transfer) -> "TransferRow":
        """Return the row of a transfer whose relationship, item and attempt have been read with it."""
        return cls(
            url=transfer.url,
            direction=transfer.direction,
            amount=transfer.amount,
            created_at=transfer.created_at,
            words=of_transfer(transfer),
            relationship=transfer.relationship,
            is_struck=transfer.is_struck,
        )


@dataclass
class Month:
    """The transfers of one month on one page, with what they add up to; struck ones don't count."""

    label: str
    transfers: list[TransferRow]

    @property
    def total_in(self) -> Decimal:
        return self._total(states.INCOMING)

    @property
    def total_out(self) -> Decimal:
        return self._total(states.OUTGOING)

    def _total(self, direction: str) -> Decimal:
        counted = [row.amount for row in self.transfers if row.direction == direction and not row.is_struck]
        return sum(counted, Decimal("0.00"))
