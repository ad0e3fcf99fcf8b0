"""The Broker API's half of the sandbox: everything below /broker.

Bodies, codes and messages follow the vendor's own documents; money is whole cents inside and decimal text outside.
Wires, journals and CIP are not played: their paths answer 404, as the live sandbox does for CIP.
"""

from brokerage.sandbox.broker import (
    account_desk,
    activities,
    amendments,
    credentials,
    exchange,
    gate,
    history,
    holdings,
    relationships,
    statements,
    streams,
    trading,
    transfers,
)
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.wire import Answer, Request

_V1 = "/broker/v1"
_ACCOUNT = f"{_V1}/accounts/{{account_id}}"
_TRADING = f"{_V1}/trading/accounts/{{account_id}}"

_GUARDED = [
    ("POST", f"{_V1}/accounts", account_desk.create),
    ("GET", f"{_V1}/accounts", account_desk.index),
    ("GET", f"{_V1}/accounts/activities", activities.index),
    ("GET", f"{_V1}/accounts/activities/{{activity_type}}", activities.index),
    ("GET", _ACCOUNT, account_desk.read),
    ("PATCH", _ACCOUNT, amendments.update),
    ("POST", f"{_ACCOUNT}/actions/close", account_desk.close),
    ("POST", f"{_ACCOUNT}/documents/upload", amendments.upload_documents),
    ("GET", f"{_ACCOUNT}/documents", statements.index),
    ("GET", f"{_ACCOUNT}/documents/w8ben/{{document_id}}/download", statements.download_w8ben),
    ("GET", f"{_ACCOUNT}/documents/{{document_id}}", statements.read),
    ("GET", f"{_ACCOUNT}/documents/{{document_id}}/download", statements.download),
    ("POST", f"{_ACCOUNT}/ach_relationships", relationships.create),
    ("GET", f"{_ACCOUNT}/ach_relationships", relationships.index),
    ("DELETE", f"{_ACCOUNT}/ach_relationships/{{relationship_id}}", relationships.delete),
    ("POST", f"{_ACCOUNT}/transfers", transfers.create),
    ("GET", f"{_ACCOUNT}/transfers", transfers.index),
    ("DELETE", f"{_ACCOUNT}/transfers/{{transfer_id}}", transfers.delete),
    ("GET", f"{_TRADING}/account", trading.account),
    ("GET", f"{_TRADING}/account/configurations", trading.configurations),
    ("PATCH", f"{_TRADING}/account/configurations", trading.configure),
    ("GET", f"{_TRADING}/account/portfolio/history", history.history),
    ("GET", f"{_TRADING}/positions", holdings.index),
    ("GET", f"{_TRADING}/positions/{{symbol_or_asset_id}}", holdings.read),
    ("GET", f"{_V1}/clock", exchange.clock),
    ("GET", f"{_V1}/calendar", exchange.calendar),
    ("GET", f"{_V1}/events/accounts/status", streams.accounts),
    ("GET", f"{_V1}/events/nta", streams.non_trade_activities),
    ("GET", f"{_V1}/events/transfers/status", streams.transfers),
    ("GET", "/broker/v2/events/funding/status", streams.funding),
    ("GET", "/broker/v2beta1/events/activities", streams.activities),
    ("GET", "/broker/v2beta1/accounts/{account_id}/events/activities/{event_id}", streams.one_activity),
]

ROUTES = [
    *((method, path, handler, gate.guarded) for method, path, handler in _GUARDED),
    ("GET", "/broker/files/{account_id}/{file}", statements.signed_file, gate.signed),
    ("POST", f"{_V1}/oauth2/token", credentials.issue, gate.unguarded),
]


def unknown_path(request: Request) -> Answer:
    return gate.refused(Refusal(404, "endpoint not found"))
