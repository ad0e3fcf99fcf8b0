"""The facts behind a step, for ops: what the rows say, as (label, value), without secrets.

Called by the timeline. A key that names a secret loses its value, and text that looks like a secret goes, too.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model

from brokerage import money
from funding.models import (
    Case,
    DebitAuthorization,
    Freeze,
    Lookup,
    Reversal,
    RiskDecision,
    SendAttempt,
    Transfer,
    TransferEvent,
)

Facts = list[tuple[str, str]]
REMOVED = "[removed]"
_SECRET_KEYS = re.compile(
    r"token|secret|password|passwd|ssn|social|tax_?id|account_?number|routing|birth|dob|cookie|credential|"
    r"api_?key|private_?key|authorization$|^auth$",
    re.IGNORECASE,
)
# Plaid's tokens, numbers written as Social Security ones, keys as they stand in headers.
_SECRET_TEXT = re.compile(
    r"\b(?:access|public|processor|link|asset)-(?:sandbox|development|production)-[\w-]+|\b\d{3}-\d{2}-\d{4}\b"
    r"|\b(?:Basic|Bearer)\s+[\w.~+/=-]+"
)


def without_secrets(found: Any) -> Any:
    """Return a JSON value in which everything secret is replaced."""
    if isinstance(found, dict):
        return {
            key: REMOVED if _SECRET_KEYS.search(str(key)) and value else without_secrets(value)
            for key, value in found.items()
        }
    if isinstance(found, list):
        return [without_secrets(value) for value in found]
    return _SECRET_TEXT.sub(REMOVED, found) if isinstance(found, str) else found


def facts(records: Iterable[Model]) -> Facts:
    """Return what rows say, in their order; empty values are left out."""
    told = [fact for record in records for fact in _TELL[type(record)](record)]
    return [(label, _plain(value)) for label, value in told if value not in (None, "", {}, [])]


def _plain(value: Any) -> str:
    clean = without_secrets(value)
    if isinstance(clean, dict | list):
        return json.dumps(clean, ensure_ascii=False)
    return f"{clean:%Y-%m-%d %H:%M:%S.%f %Z}" if isinstance(clean, datetime) else str(clean)


Told = list[tuple[str, Any]]


def _transfer(row: Transfer) -> Told:
    return [("Transfer", row.pk), ("At the broker", row.alpaca_id), ("Reason as it came", row.reason)]


def _event(row: TransferEvent) -> Told:
    what = f"{row.field} {row.before or 'new'} → {row.after or 'none'}, by {row.actor}"
    return [
        ("History", f"{what}, {row.at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Because", row.because),
        ("Evidence", row.evidence),
        ("Event at the broker", row.vendor_event_id),
    ]


def _authorization(row: DebitAuthorization) -> Told:
    return [
        ("Words agreed to", row.text),
        ("Version of the words", row.version),
        ("Agreed at", row.created_at),
        ("From address", row.ip_address),
        ("With browser", row.user_agent),
    ]


def _decision(row: RiskDecision) -> Told:
    inputs: Told = [(f"Input: {name.replace('_', ' ')}", value) for name, value in without_secrets(row.inputs).items()]
    what = f"{row.get_outcome_display()}, by {row.actor}"
    return [("Risk decision", what), ("Rules", row.rules_version), ("Reasons", "; ".join(row.reasons)), *inputs]


def _attempt(row: SendAttempt) -> Told:
    return [
        ("Sent by", row.sender),
        ("Sent at", row.sent_at),
        ("Lease until", row.lease_until),
        ("Answered at", row.answered_at),
        ("HTTP status", row.http_status),
        ("Request id", row.request_id),
        ("Answer", row.answer),
    ]


def _lookup(row: Lookup) -> Told:
    how = "whole list" if row.complete else "list not read to its end"
    candidates = ", ".join(row.candidates) or "none"
    what = f"{row.at:%Y-%m-%d %H:%M:%S} UTC, {how}, {row.rows_read} rows, candidates: {candidates}"
    return [("Look-up", what)]


def _reversal(row: Reversal) -> Told:
    return [("Reversal", f"{money.show(row.amount)} {row.return_code}".strip()), ("Reversed at", row.created_at)]


def _case(row: Case) -> Told:
    return [
        ("Case", f"{row.get_kind_display()}: {row.because}"),
        ("Opened at", row.opened_at),
        ("Closed at", row.closed_at),
        ("Outcome", row.outcome),
    ]


def _freeze(row: Freeze) -> Told:
    return [
        ("Freeze", f"{row.because}, by {row.frozen_by}"),
        ("Lifting asked for at", row.lift_asked_at),
        ("Lifting asked for because", row.lift_because),
        ("Lifted at", row.lifted_at),
    ]


_TELL: dict[type[Model], Callable[[Any], Told]] = {
    Transfer: _transfer,
    TransferEvent: _event,
    DebitAuthorization: _authorization,
    RiskDecision: _decision,
    SendAttempt: _attempt,
    Lookup: _lookup,
    Reversal: _reversal,
    Case: _case,
    Freeze: _freeze,
}
