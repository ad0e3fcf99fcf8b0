"""What control may change about the sandbox, and what it is before anybody does."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "profile": "fast",
    "ach_per_day": None,  # None: one per direction and day in the realistic profile, no such limit in the others
    "daily_limit": "50000",
    "heartbeat_seconds": 15,
    "emit_events": True,
    "inclusive_cursor": False,
    "strict_credentials": False,
    "bad_keys": [],
    "rate_limit": 10_000,
    "enforce_rate_limit": False,
    "max_streams": 25,
    "list_canceled_relationships": False,
    "disabled_processors": [],
    "reject_name_mismatch": False,
    "block_transfers_after_return": False,
    "item_owner_name": "Alberta Bobbeth Charleson",
    "correspondent": "SIMU",
}
