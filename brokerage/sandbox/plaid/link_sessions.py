"""What /link/token/get tells of a session that has ended: as its frame wrote it down, in the shape of the API."""

import json
import sqlite3
from typing import Any

from brokerage.sandbox.clock import iso_seconds

OTHER_RESULTS = ("cra_item_add_results", "cra_update_results", "bank_income_results", "payroll_income_results")
Shown = dict[str, Any]


def shown(row: sqlite3.Row) -> Shown:
    """Its `result` is what the frame left: public_token, accounts and institution, or exit; and events."""
    session: Shown = {"link_session_id": row["id"], "started_at": iso_seconds(row["started_at"])}
    if not row["finished_at"]:
        return session
    result = json.loads(row["result"] or "{}")
    session["finished_at"] = iso_seconds(row["finished_at"])
    session["events"] = [_event(row["id"], place, event) for place, event in enumerate(result.get("events") or [])]
    if result.get("public_token"):
        return {**session, **_success(row["id"], result)}
    return {**session, **_exit(result)} if result.get("exit") else session


def _success(session_id: str, result: Shown) -> Shown:
    added = {name: result[name] for name in ("public_token", "accounts", "institution")}
    metadata = {name: result[name] for name in ("accounts", "institution")} | {"link_session_id": session_id}
    return {
        "results": {
            "item_add_results": [added],
            **{name: [] for name in OTHER_RESULTS},
            "document_income_results": None,
        },
        "on_success": {"public_token": result["public_token"], "metadata": metadata},
    }


def _exit(result: Shown) -> Shown:
    """Twice: the second is an older name of the first."""
    metadata = result["exit"]["metadata"]
    said = {name: value for name, value in metadata.items() if value is not None or name == "institution"}
    ended = {"error": result["exit"].get("error") or None, "metadata": said}
    return {"exit": ended, "on_exit": ended}


def _event(session_id: str, place: int, event: Any) -> Shown:
    """What is null in the browser is missing here."""
    event = event if isinstance(event, dict) else {}
    metadata = event.get("event_metadata") or {}
    return {
        "event_name": str(event.get("event_name", "")),
        "timestamp": str(event.get("timestamp", "")),
        "event_id": f"{session_id}-{place}",
        "event_metadata": {name: value for name, value in metadata.items() if isinstance(value, str) and value},
    }
