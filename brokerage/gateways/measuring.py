"""How long each request to a vendor takes, and what comes of it: counted in brokerage.metrics.

Used by the clients that speak to vendors. What a request is called comes from the lists below and never from an
address, which holds ids: so whatever is asked for, there are only so many names.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from brokerage import metrics
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError

BROKER, PLAID, IDENTITY = "broker", "plaid", "identity"
OTHER = "other"
OK, UNKNOWN = "ok", "unknown"
OUTCOMES: dict[type[VendorError], str] = {NotSent: "not_sent", Refused: "refused", OutcomeUnknown: UNKNOWN}

_ACCOUNT = "/accounts/*"
_TRADING = "/trading/accounts/*"
# What is asked of the broker; a star stands for an id.
OPERATIONS = {
    "POST /accounts": "create_account",
    "GET /accounts": "list_accounts",
    "GET /accounts/activities": "list_activities",
    f"GET {_ACCOUNT}": "get_account",
    f"PATCH {_ACCOUNT}": "update_account",
    f"POST {_ACCOUNT}/actions/close": "close_account",
    f"POST {_ACCOUNT}/documents/upload": "upload_document",
    f"GET {_ACCOUNT}/documents": "list_documents",
    f"GET {_ACCOUNT}/documents/*/download": "find_document",
    f"POST {_ACCOUNT}/ach_relationships": "create_relationship",
    f"GET {_ACCOUNT}/ach_relationships": "list_relationships",
    f"DELETE {_ACCOUNT}/ach_relationships/*": "delete_relationship",
    f"POST {_ACCOUNT}/transfers": "create_transfer",
    f"GET {_ACCOUNT}/transfers": "list_transfers",
    f"DELETE {_ACCOUNT}/transfers/*": "cancel_transfer",
    f"GET {_TRADING}/account": "get_balances",
    f"GET {_TRADING}/positions": "list_positions",
    f"GET {_TRADING}/account/portfolio/history": "value_history",
    "GET /events/accounts/status": "account_events",
    "GET /events/funding/status": "funding_events",
}
FETCH_DOCUMENT, FETCH_TOKEN = "fetch_document", "fetch_token"
_WORDS = {word for known in OPERATIONS for word in known.partition(" ")[2].split("/")}


def operation(method: str, path: str) -> str:
    """Return what a request to the broker is called; `other` for one that has no name yet."""
    known = "/".join(word if word in _WORDS else "*" for word in path.split("/"))
    return OPERATIONS.get(f"{method} {known}", OTHER)


@contextmanager
def measured(vendor: str, name: str) -> Iterator[metrics.Watch]:
    """Count the request that the block makes, with its time and outcome, when the block ends."""
    watch, outcome = metrics.Watch(), ""
    try:
        yield watch
        outcome = OK
    except VendorError as fault:
        outcome = OUTCOMES.get(type(fault), UNKNOWN)
        raise
    except GeneratorExit:  # whoever read a stream has had enough of it
        outcome = OK
        raise
    finally:
        if outcome:  # anything else is a bug of ours, and tells nothing of the vendor
            metrics.vendor_called(vendor, name, outcome, watch.seconds)
