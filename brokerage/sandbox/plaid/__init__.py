"""Plaid's half of the sandbox: everything below /plaid, Link's frame included."""

from brokerage.sandbox.plaid import files, frame, gate
from brokerage.sandbox.plaid.endpoints import API
from brokerage.sandbox.plaid.gate import Endpoint
from brokerage.sandbox.plaid.refusal import PlaidRefusal
from brokerage.sandbox.wire import Answer, Request

_FRAME = [
    ("start", Endpoint(frame.start, ("link_token",))),
    ("institutions", Endpoint(frame.institutions_found, ("session_id",), ("query",))),
    ("sign-in", Endpoint(frame.sign_in, ("session_id", "institution_id", "username", "password"))),
    ("code", Endpoint(frame.check_code, ("session_id", "code"))),
    ("finish", Endpoint(frame.finish, ("session_id",), ("accounts",))),
]

ROUTES = [
    *(("POST", f"/plaid/{path}", endpoint, gate.guarded) for path, endpoint in API),
    *(("POST", f"/plaid/link/frame/{path}", endpoint, gate.from_frame) for path, endpoint in _FRAME),
    ("GET", "/plaid/link/v2/stable/{name}", files.serve, gate.public),
]


def unknown_path(request: Request) -> Answer:
    return gate.refused(PlaidRefusal("NOT_FOUND", f"the path {request.path} does not exist"))
