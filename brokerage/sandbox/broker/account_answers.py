"""What the Broker API says of an account, and which parts of it."""

import json
import sqlite3
from decimal import Decimal
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import holdings, ledger
from brokerage.sandbox.clock import banking_day_start

ENTITIES = (
    "contact", "identity", "disclosures", "agreements", "documents", "trusted_contact", "trading_configurations",
)  # fmt: skip
# Always said; the rest of what an application may hold is said when it holds it.
DEFAULTS = {
    "account_sub_type": None,
    "allow_instant_ach": False,
    "instant_ach_blocked": False,
    "primary_account_holder_id": None,
}
OPTIONAL = ("beneficiaries", "cash_interest", "fpsl", "investment_objective", "investment_time_horizon",
            "risk_tolerance", "liquidity_needs")  # fmt: skip
UNNUMBERED = ("SUBMITTED", "ONBOARDING", "SUBMISSION_FAILED")


def answered(books: Books, row: sqlite3.Row, entities: list[str] | tuple[str, ...] = ENTITIES) -> dict[str, Any]:
    """An account as the API answers it, with the switches applied."""
    answer = {**shown(row, entities), "last_equity": _last_equity(books, row)}
    if row["status"] in UNNUMBERED and not books.setting("account_number_at_once"):
        answer["account_number"] = None
    employment = answer.get("disclosures", {}).get("employment_status")
    if employment and books.setting("employment_status_case") in ("lower", "upper"):
        answer["disclosures"]["employment_status"] = getattr(employment, books.setting("employment_status_case"))()
    return answer


def _last_equity(books: Books, row: sqlite3.Row) -> str:
    morning = banking_day_start(books.now())
    held = holdings.lastday_value(books, row["id"], before=morning)
    return holdings.plain(Decimal(ledger.cash(books, row["id"], before=morning)) / 100 + held)


def shown(row: sqlite3.Row, entities: list[str] | tuple[str, ...] = ENTITIES) -> dict[str, Any]:
    document = json.loads(row["document"])
    return {
        "id": row["id"],
        "account_number": row["account_number"],
        "status": row["status"],
        "crypto_status": "INACTIVE",
        "currency": "USD",
        "last_equity": "0",
        "created_at": row["created_at"],
        "account_name": f"{row['given_name']} {row['family_name']}",
        "account_type": document["account_type"],
        "enabled_assets": document["enabled_assets"],
        "kyc_results": json.loads(row["kyc_results"]) if row["kyc_results"] else None,
        **{name: document.get(name, default) for name, default in DEFAULTS.items()},
        **{name: document[name] for name in OPTIONAL if name in document},
        **_entities(document, entities),
    }


def _entities(document: dict[str, Any], wanted: list[str] | tuple[str, ...]) -> dict[str, Any]:
    present = {"trading_configurations": None, **document}
    return {name: present[name] for name in ENTITIES if name in wanted and name in present}
