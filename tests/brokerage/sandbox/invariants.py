"""What must hold in the sandbox's books whatever was done to them, read from its dump as an auditor would."""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.brokerage.sandbox.bench import Bench

Rows = list[dict[str, Any]]
OPEN = {"QUEUED", "APPROVAL_PENDING", "PENDING", "SENT_TO_CLEARING", "APPROVED"}
BOOKED = {"COMPLETE", "RETURNED"}


def check(bench: Bench) -> dict[str, Rows]:
    """The dump, once everything in it has been found in order."""
    dumped: dict[str, Rows] = bench.session.get(f"{bench.url}/control/dump", timeout=10).json()
    check_ulids(dumped["events"])
    check_histories(dumped)
    check_bookings(dumped)
    state = bench.state()
    for account in state["accounts"]:
        check_money(dumped, account, state)
    return dumped


def check_ulids(events: Rows) -> None:
    """Strictly rising, in the order in which they were written."""
    ulids = [event["ulid"] for event in sorted(events, key=lambda event: event["seq"])]
    assert all(earlier < later for earlier, later in pairwise(ulids))


def check_histories(dumped: dict[str, Rows]) -> None:
    """Exactly one event for every change of status: each begins where the last ended, the last at the present."""
    told: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for event in dumped["events"]:
        payload = json.loads(event["payload"])
        if payload.get("status_to") and event["stream"] in ("accounts", "funding"):
            told[event["entity_id"]].append((payload["status_from"] or "", payload["status_to"]))
    for table in ("accounts", "relationships", "transfers"):
        for row in dumped[table]:
            history = told[row["id"]]
            assert [before for before, _ in history] == ["", *(after for _, after in history[:-1])], row["id"]
            assert history[-1][1] == row["status"], row["id"]


def check_bookings(dumped: dict[str, Rows]) -> None:
    """A transfer is booked once if it ever completed, and booked back once if it was then returned."""
    completed = {
        event["entity_id"] for event in dumped["events"] if json.loads(event["payload"]).get("status_to") == "COMPLETE"
    }
    booked: dict[str, list[int]] = defaultdict(list)
    for row in dumped["activities"]:
        booked[row["transfer_id"]].append(row["cents"])
    for transfer in dumped["transfers"]:
        signed = transfer["cents"] * (1 if transfer["direction"] == "INCOMING" else -1)
        rows = [signed] if transfer["id"] in completed else []
        rows += [-signed] if transfer["status"] == "RETURNED" and rows else []
        assert booked[transfer["id"]] == rows, transfer["id"]


def check_money(dumped: dict[str, Rows], account: dict[str, Any], state: dict[str, Any]) -> None:
    """Cash is what was booked; what may be withdrawn is cash less what is already on its way out."""
    mine = [row for row in dumped["activities"] if row["account_id"] == account["id"]]
    leaving = sum(
        row["cents"]
        for row in dumped["transfers"]
        if row["account_id"] == account["id"] and row["direction"] == "OUTGOING" and row["status"] in OPEN
    )
    cash = sum(row["cents"] for row in mine)
    assert cents(account["cash"]) == cash
    assert cents(account["withdrawable"]) == max(0, cash - held(mine, state) - leaving)


def held(mine: Rows, state: dict[str, Any]) -> int:
    """Deposits that are booked, not booked back, and younger than the hold."""
    days = timedelta(days=state["settings"]["deposit_hold_days"])
    since = datetime.fromisoformat(state["clock"]["now"]) - days
    returned = {row["transfer_id"] for row in mine if row["reverses"]}
    return sum(
        row["cents"]
        for row in mine
        if row["activity_type"] == "CSD"
        and row["transfer_id"] not in {None, *returned}
        and datetime.fromisoformat(row["created_at"]) > since
    )


def cents(text: str) -> int:
    return int(Decimal(text) * 100)
