"""One bank account: what Plaid shows of it, and what it keeps to itself until it is asked for."""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

ROUTING_NUMBER = "011401533"
WIRE_ROUTING_NUMBER = "021000021"
LINKABLE = ("checking", "savings", "cash management")
EVERYBODY = "Alberta Bobbeth Charleson"  # in Plaid's sandbox


@dataclass(frozen=True)
class Owner:
    """Who owns an account, as the bank has it.

    `likeness` is the score from 0 to 100 that a name gets, whoever is asked about; None: as the names are alike.
    """

    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ("accountholder0@example.com", "accountholder1@example.com")
    phone_numbers: tuple[str, ...] = ("2025550123", "1112223333")
    addresses: tuple[dict[str, str], ...] = (
        {
            "street": "2992 Cameron Road",
            "city": "Malakoff",
            "region": "NY",
            "postal_code": "14236",
            "country": "US",
        },
    )
    likeness: int | None = None

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Owner":
        """The owner that `asdict` made these of, by way of JSON."""
        said: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        return cls(**said)

    def shown(self) -> dict[str, Any]:
        return {
            "names": list(self.names),
            "emails": [
                {"data": email, "primary": place == 0, "type": "primary" if place == 0 else "secondary"}
                for place, email in enumerate(self.emails)
            ],
            "phone_numbers": [
                {"data": number, "primary": place == 0, "type": "mobile" if place == 0 else "home"}
                for place, number in enumerate(self.phone_numbers)
            ],
            "addresses": [
                {"data": address, "primary": place == 0} for place, address in enumerate(self.addresses)
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class BankAccount:
    """Balances are dollars. Without numbers of its own an account has the ones that Plaid's sandbox gives everybody."""

    name: str
    mask: str | None
    type: str
    subtype: str
    available: float | None
    current: float
    limit: float | None = None
    official_name: str | None = None
    currency: str = "USD"
    number: str | None = None
    routing: str | None = None
    wire_routing: str | None = None
    owner: Owner = field(default_factory=Owner)
    verification_status: str | None = None

    def details(self) -> dict[str, Any]:
        """As Plaid shows it, but for the id, which it has only once it is part of an Item."""
        shown: dict[str, Any] = {
            "balances": {
                "available": self.available,
                "current": self.current,
                "limit": self.limit,
                "iso_currency_code": self.currency,
                "unofficial_currency_code": None,
            },
            "mask": self.mask,
            "name": self.name,
            "official_name": self.official_name,
            "type": self.type,
            "subtype": self.subtype,
        }
        if self.verification_status:
            shown["verification_status"] = self.verification_status
        return shown

    def kept(self, *, institution_id: str, tokenized: bool) -> dict[str, Any]:
        """All of it; names that begin with an underscore are not shown with the account."""
        return {
            **self.details(),
            **({"persistent_account_id": self._persistent_id(institution_id)} if tokenized else {}),
            "_number": self._token(institution_id) if tokenized else self.own_number,
            "_tokenized": tokenized,
            "_routing": self.routing or ROUTING_NUMBER,
            "_wire_routing": None if tokenized else self.wire_routing or WIRE_ROUTING_NUMBER,
            "_owner": asdict(self.owner),
        }

    @property
    def own_number(self) -> str:
        return self.number or f"111122223333{self.mask or '0000'}"

    def _persistent_id(self, institution_id: str) -> str:
        """The same for the same account, however often it is linked."""
        return hashlib.sha256(f"{institution_id} {self.own_number} {self.owner.names}".encode()).hexdigest()

    def _token(self, institution_id: str) -> str:
        """A number that stands for the account's own and works for this application only."""
        return str(int(self._persistent_id(institution_id), 16))[:16]


def can_transfer(details: dict[str, Any]) -> bool:
    return details["type"] == "depository" and details["subtype"] in LINKABLE
