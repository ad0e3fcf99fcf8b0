"""Bank logins and news of them, the broker's permissions, every movement of money, and what a person has to look at."""

from funding.models.banks import ACHRelationship, Lost, RelationshipEvent
from funding.models.breaks import (
    BREAK_MOVES,
    Break,
    BreakEvent,
    CashActivity,
    CashActivityEvent,
    DailyClose,
    ReconciliationRun,
)
from funding.models.cases import Brake, Case, Freeze, LimitOverride
from funding.models.closings import Closing, ClosingEvent
from funding.models.items import ItemEvent, LinkEvent, LinkSession, PlaidItem
from funding.models.owners import OwnerCheck
from funding.models.records import DebitAuthorization, Lookup, Reversal, RiskDecision, SendAttempt
from funding.models.transfers import Transfer, TransferEvent
from funding.models.webhooks import PlaidWebhook, PlaidWebhookEvent, PlaidWebhookKey
from funding.models.workers import Schedule, Worker

__all__ = [
    "BREAK_MOVES",
    "ACHRelationship",
    "Brake",
    "Break",
    "BreakEvent",
    "Case",
    "CashActivity",
    "CashActivityEvent",
    "Closing",
    "ClosingEvent",
    "DailyClose",
    "DebitAuthorization",
    "Freeze",
    "ItemEvent",
    "LimitOverride",
    "LinkEvent",
    "LinkSession",
    "Lookup",
    "Lost",
    "OwnerCheck",
    "PlaidItem",
    "PlaidWebhook",
    "PlaidWebhookEvent",
    "PlaidWebhookKey",
    "ReconciliationRun",
    "RelationshipEvent",
    "Reversal",
    "RiskDecision",
    "Schedule",
    "SendAttempt",
    "Transfer",
    "TransferEvent",
    "Worker",
]
