"""Bank logins, standing permissions at the broker, and every movement of money."""

from funding.models.banks import ACHRelationship, LinkSession, PlaidItem, RelationshipEvent
from funding.models.records import DebitAuthorization, Lookup, Reversal, SendAttempt
from funding.models.transfers import Transfer, TransferEvent

__all__ = [
    "ACHRelationship",
    "DebitAuthorization",
    "LinkSession",
    "Lookup",
    "PlaidItem",
    "RelationshipEvent",
    "Reversal",
    "SendAttempt",
    "Transfer",
    "TransferEvent",
]
