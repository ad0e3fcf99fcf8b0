"""Plaid's half of the sandbox: everything below /plaid, Link's frame included."""

from brokerage.sandbox.plaid import (
    files,
    frame,
    frame_accounts,
    frame_bank,
    frame_match,
    frame_numbers,
    frame_sign_in,
    gate,
)
from brokerage.sandbox.plaid.endpoints import API
from brokerage.sandbox.plaid.gate import Endpoint
from brokerage.sandbox.plaid.refusal import PlaidRefusal
from brokerage.sandbox.wire import Answer, Request

_FRAME = [
    ("start", Endpoint(frame.start, ("link_token",), ("received_redirect_uri",))),
    ("phone", Endpoint(frame_sign_in.enter_phone, ("session_id", "phone_number"))),
    ("phone-code", Endpoint(frame_sign_in.check_phone, ("session_id", "code"))),
    ("institutions", Endpoint(frame.institutions_found, ("session_id",), ("query",))),
    ("choose", Endpoint(frame.choose, ("session_id", "institution_id"))),
    ("sign-in", Endpoint(frame_sign_in.sign_in, ("session_id", "institution_id", "username", "password"))),
    ("device", Endpoint(frame_sign_in.device, ("session_id", "device_id"))),
    ("code", Endpoint(frame_sign_in.code, ("session_id", "code"))),
    ("answers", Endpoint(frame_sign_in.answers, ("session_id", "answers"))),
    ("oauth", Endpoint(frame.oauth, ("session_id",), ("gave_up",))),
    ("numbers", Endpoint(frame_numbers.enter, ("session_id", "routing", "account", "name", "subtype"))),
    ("match", Endpoint(frame_match.enter, ("session_id", "accounts", "routing", "account"))),
    ("deposit", Endpoint(frame_numbers.check_code, ("session_id", "code"))),
    ("finish", Endpoint(frame_accounts.finish, ("session_id",), ("accounts", "events"))),
    ("leave", Endpoint(frame.leave, ("session_id",), ("status", "error", "events"))),
]

ROUTES = [
    *(("POST", f"/plaid/{path}", endpoint, gate.guarded) for path, endpoint in API),
    *(("POST", f"/plaid/link/frame/{path}", endpoint, gate.from_frame) for path, endpoint in _FRAME),
    ("GET", "/plaid/link/v2/stable/{name}", files.serve, gate.public),
    ("GET", "/plaid/link/oauth/{state_id}", frame_bank.ask, frame_bank.gate),
    ("POST", "/plaid/link/oauth/{state_id}", frame_bank.decide, frame_bank.gate),
]


def unknown_path(request: Request) -> Answer:
    return gate.refused(PlaidRefusal("NOT_FOUND", f"the path {request.path} does not exist"))
