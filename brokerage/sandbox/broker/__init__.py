"""The Broker API's half of the sandbox: everything below /broker.

Bodies, codes and messages follow the vendor's own documents; money is whole cents inside and decimal text outside.
"""

from brokerage.sandbox.broker import accounts, credentials, gate, ledger, relationships, streams, trading, transfers
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.wire import Answer, Request

_ACCOUNT = "/broker/v1/accounts/{account_id}"

_GUARDED = [
    ("POST", "/broker/v1/accounts", accounts.create),
    ("GET", "/broker/v1/accounts", accounts.index),
    ("GET", "/broker/v1/accounts/activities", ledger.index),
    ("GET", "/broker/v1/accounts/activities/{activity_type}", ledger.index),
    ("GET", _ACCOUNT, accounts.read),
    ("POST", f"{_ACCOUNT}/actions/close", accounts.close),
    ("POST", f"{_ACCOUNT}/ach_relationships", relationships.create),
    ("GET", f"{_ACCOUNT}/ach_relationships", relationships.index),
    ("DELETE", f"{_ACCOUNT}/ach_relationships/{{relationship_id}}", relationships.delete),
    ("POST", f"{_ACCOUNT}/transfers", transfers.create),
    ("GET", f"{_ACCOUNT}/transfers", transfers.index),
    ("DELETE", f"{_ACCOUNT}/transfers/{{transfer_id}}", transfers.delete),
    ("GET", "/broker/v1/trading/accounts/{account_id}/account", trading.account),
    ("GET", "/broker/v1/trading/accounts/{account_id}/positions", trading.positions),
    ("GET", "/broker/v1/clock", trading.clock),
    ("GET", "/broker/v1/events/accounts/status", streams.accounts),
    ("GET", "/broker/v2/events/funding/status", streams.funding),
    ("GET", "/broker/v1/events/transfers/status", streams.retired),
]

ROUTES = [
    *((method, path, handler, gate.guarded) for method, path, handler in _GUARDED),
    ("POST", "/broker/v1/oauth2/token", credentials.issue, gate.unguarded),
]


def unknown_path(request: Request) -> Answer:
    return gate.refused(Refusal(404, "endpoint not found"))
