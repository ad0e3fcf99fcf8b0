"""Plaid's half of the sandbox: everything below /plaid, Link's frame included."""

from brokerage.sandbox.plaid import files, frame, gate, institutions, items, link_tokens, processors
from brokerage.sandbox.plaid.gate import Endpoint
from brokerage.sandbox.plaid.refusal import PlaidRefusal
from brokerage.sandbox.wire import Answer, Request

_TOKEN_FIELDS = (
    "products", "webhook", "access_token", "redirect_uri", "account_filters", "auth", "update",
    "link_customization_name",
    "required_if_supported_products", "optional_products", "additional_consented_products", "hosted_link",
    "institution_data", "enable_multi_item_link", "transactions", "android_package_name", "institution_id",
)  # fmt: skip

_API = [
    ("link/token/create",
     Endpoint(link_tokens.create, ("client_name", "language", "country_codes", "user"), _TOKEN_FIELDS)),
    ("link/token/get", Endpoint(link_tokens.read, ("link_token",))),
    ("item/public_token/exchange", Endpoint(items.exchange, ("public_token",))),
    ("item/get", Endpoint(items.read, ("access_token",))),
    ("item/remove", Endpoint(items.remove, ("access_token",), ("reason_code", "reason_note"))),
    ("accounts/get", Endpoint(items.accounts, ("access_token",), ("options",))),
    ("accounts/balance/get", Endpoint(items.accounts, ("access_token",), ("options",))),
    ("processor/token/create", Endpoint(processors.create, ("access_token", "account_id", "processor"))),
    ("institutions/get_by_id", Endpoint(institutions.read, ("institution_id", "country_codes"), ("options",))),
    ("institutions/search", Endpoint(institutions.search, ("query", "country_codes"), ("products", "options"))),
    ("sandbox/public_token/create",
     Endpoint(items.create_public_token, ("institution_id", "initial_products"), ("options", "user_token", "user_id"))),
    ("sandbox/item/reset_login", Endpoint(items.reset_login, ("access_token",))),
]  # fmt: skip

_FRAME = [
    ("start", Endpoint(frame.start, ("link_token",))),
    ("institutions", Endpoint(frame.institutions_found, ("session_id",), ("query",))),
    ("sign-in", Endpoint(frame.sign_in, ("session_id", "institution_id", "username", "password"))),
    ("code", Endpoint(frame.check_code, ("session_id", "code"))),
    ("finish", Endpoint(frame.finish, ("session_id",), ("accounts",))),
]

ROUTES = [
    *(("POST", f"/plaid/{path}", endpoint, gate.guarded) for path, endpoint in _API),
    *(("POST", f"/plaid/link/frame/{path}", endpoint, gate.from_frame) for path, endpoint in _FRAME),
    ("GET", "/plaid/link/v2/stable/{name}", files.serve, gate.public),
]


def unknown_path(request: Request) -> Answer:
    return gate.refused(PlaidRefusal("NOT_FOUND", f"the path {request.path} does not exist"))
