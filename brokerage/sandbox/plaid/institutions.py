"""The banks of the sandbox, by Plaid's own ids and names. https://plaid.com/docs/sandbox/institutions/"""

import re
from dataclasses import dataclass
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import iso_seconds
from brokerage.sandbox.plaid.gate import Fields, is_words
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field
from brokerage.sandbox.plaid.words import COUNTRIES
from brokerage.sandbox.plaid.words import PRODUCTS as ALL_PRODUCTS

PRODUCTS = ["assets", "auth", "balance", "identity", "signal", "transactions", "transfer"]
MOST_AT_ONCE = 500
MOST_FOUND = 10


@dataclass(frozen=True)
class Bank:
    """One that is `tokenized` gives out account numbers made for one application; `tokens_end` says what ends them."""

    name: str
    color: str
    country: str = "US"
    routing: tuple[str, ...] = ("011401533",)
    oauth: bool = False
    health: str = "HEALTHY"
    supported: bool = True
    tokenized: bool = False
    tokens_end: tuple[str, ...] = ()  # when access is revoked, after every update
    asks_code: bool = False
    methods: tuple[str, ...] = ("instant_auth",)


METHODS = ("instant_auth", "instant_match", "automated_micro_deposits", "instant_micro_deposits")
_MATCHING = METHODS[:3]
_REVOKED, _UPDATE = "revoked", "update"
BANKS = {
    "ins_109508": Bank("First Platypus Bank", "#1f6f8b"),
    "ins_109509": Bank("First Gingham Credit Union", "#7a3b69"),
    "ins_109510": Bank("Tattersall Federal Credit Union", "#8a5a00"),
    "ins_109511": Bank("Tartan Bank", "#8b1e2d"),
    "ins_109512": Bank("Houndstooth Bank", "#3a3f44", routing=("021000021", "110000000"), methods=_MATCHING),
    "ins_130016": Bank("First Platypus Balance Bank", "#205072"),
    "ins_135858": Bank("Windowpane Bank", "#2f5d50", routing=("333333334",), methods=("instant_micro_deposits",)),
    "ins_127287": Bank("Platypus OAuth Bank", "#14506b", oauth=True, tokenized=True, tokens_end=(_REVOKED,)),
    "ins_132241": Bank("First Platypus OAuth App2App Bank", "#1b5e7a", oauth=True),
    "ins_117181": Bank("Flexible Platypus QR Bank", "#2a7f9e", oauth=True),
    "ins_132363": Bank("Pleasant Platypus Bank - Degraded", "#9a7b00", health="DEGRADED"),
    "ins_132361": Bank("Pleasant Platypus Bank - Down", "#8c2f1b", health="DOWN"),
    "ins_133402": Bank("Pleasant Platypus Bank - Unsupported", "#555555", supported=False),
    "ins_133502": Bank("Returning Platypus Bank", "#3f6ea5"),
    "ins_133503": Bank("Returning Platypus OAuth Bank", "#2f5597", oauth=True),
    "ins_56": Bank("Chase", "#117aca", routing=("021000021",), oauth=True, tokenized=True, tokens_end=(_REVOKED,)),
    "ins_1": Bank("Bank of America", "#e31837", routing=("026009593",), oauth=True, asks_code=True),
    "ins_127990": Bank("U.S. Bank", "#0c2074", routing=("091000022",), oauth=True, tokenized=True, asks_code=True),
    "ins_13": Bank(
        "PNC", "#f58025", routing=("043000096",), oauth=True, tokenized=True, tokens_end=(_REVOKED, _UPDATE)
    ),
    "ins_128026": Bank("Capital One", "#004879", routing=("056073502",), oauth=True),
    "ins_43": Bank("Tartan-Dominion Bank of Canada", "#b3262e", "CA", ()),
    "ins_116834": Bank("Flexible Platypus Open Banking", "#1f6f8b", "GB", (), oauth=True),
    "ins_117650": Bank("Royal Bank of Plaid", "#3b2a63", "GB", (), oauth=True),
}
NAMES = {institution_id: (bank.name, bank.color) for institution_id, bank in BANKS.items()}


def read(books: Books, fields: Fields) -> Fields:
    check_countries(fields["country_codes"])
    check_known(fields["institution_id"])
    if BANKS[fields["institution_id"]].country not in fields["country_codes"]:
        raise _unknown()
    return {"institution": _shown(books, fields["institution_id"], fields.get("options") or {})}


def index(books: Books, fields: Fields) -> Fields:
    count, offset, options = fields["count"], fields["offset"], fields.get("options") or {}
    if not 1 <= count <= MOST_AT_ONCE or offset < 0:
        raise invalid_field(f"count must be between 1 and {MOST_AT_ONCE}, and offset must not be negative")
    check_countries(fields["country_codes"])
    found = [name for name in _fitting(fields["country_codes"], options.get("products")) if _wanted(name, options)]
    page = found[offset : offset + count]
    return {"institutions": [_shown(books, name, options) for name in page], "total": len(found)}


def search(books: Books, fields: Fields) -> Fields:
    check_countries(fields["country_codes"])
    options = fields.get("options") or {}
    named = set(named_like(str(fields["query"]), fields["country_codes"]))
    found = [name for name in _fitting(fields["country_codes"], fields.get("products")) if name in named]
    kept = [name for name in found if _wanted(name, options)][:MOST_FOUND]
    return {"institutions": [_shown(books, name, options) for name in kept]}


def named_like(query: str, countries: list[str] | None = None) -> list[str]:
    """The banks of these countries (the United States) of whose names every word of the query begins a word."""
    words = re.findall(r"\w+", query.lower())
    return [
        institution_id
        for institution_id, bank in BANKS.items()
        if bank.country in (countries or ["US"])
        and all(any(part.startswith(word) for part in re.findall(r"\w+", bank.name.lower())) for word in words)
    ]


def check_known(institution_id: Any) -> None:
    if institution_id not in BANKS:
        raise _unknown()


def check_serving(institution_id: str) -> None:
    """Whether a customer can sign in there today. Raises PlaidRefusal."""
    check_known(institution_id)
    if not BANKS[institution_id].supported:
        raise PlaidRefusal("INSTITUTION_NO_LONGER_SUPPORTED")
    if BANKS[institution_id].health == "DOWN":
        raise PlaidRefusal("INSTITUTION_DOWN")


def check_countries(codes: Any) -> None:
    if not is_words(codes) or not codes or not set(codes) <= COUNTRIES:
        raise invalid_field("country_codes must be an array of supported country codes")


def name_of(institution_id: str) -> str:
    return BANKS[institution_id].name


def _unknown() -> PlaidRefusal:
    return PlaidRefusal("INVALID_INSTITUTION", "invalid institution_id provided")


def _fitting(countries: list[str], products: Any) -> list[str]:
    if products is not None and (not is_words(products) or set(products) - ALL_PRODUCTS):
        raise invalid_field("products must be an array of known products")
    if set(products or ()) - set(PRODUCTS):
        return []
    return [institution_id for institution_id, bank in BANKS.items() if bank.country in countries]


def _wanted(institution_id: str, options: Fields) -> bool:
    bank, numbers = BANKS[institution_id], options.get("routing_numbers")
    if options.get("oauth") is not None and bank.oauth != options["oauth"]:
        return False
    if numbers and not is_words(numbers):
        raise invalid_field("options.routing_numbers must be an array of strings")
    return not numbers or bool(set(bank.routing) & set(numbers))


def _shown(books: Books, institution_id: str, options: Fields) -> dict[str, Any]:
    bank = BANKS[institution_id]
    shown: dict[str, Any] = {
        "institution_id": institution_id,
        "name": bank.name,
        "products": PRODUCTS,
        "country_codes": [bank.country],
        "routing_numbers": list(bank.routing),
        "dtc_numbers": [],
        "oauth": bank.oauth,
        "connection_availability": "SUPPORTED" if bank.supported else "NOT_SUPPORTED",
    }
    if options.get("include_optional_metadata"):
        url = f"https://{re.sub(r'[^a-z]', '', bank.name.lower())}.example"
        shown |= {"url": url, "primary_color": bank.color, "logo": None}
    if options.get("include_status"):
        shown["status"] = {"item_logins": _health(books, bank)}
    if options.get("include_auth_metadata"):
        shown["auth_metadata"] = {"supported_methods": {method: method in bank.methods for method in METHODS}}
    if options.get("include_payment_initiation_metadata"):
        shown["payment_initiation_metadata"] = None
    return shown


def _health(books: Books, bank: Bank) -> dict[str, Any]:
    success = {"HEALTHY": 0.99, "DEGRADED": 0.6, "DOWN": 0.0}[bank.health]
    return {
        "status": bank.health,
        "last_status_change": iso_seconds(books.now() - 3600),
        "breakdown": {"success": success, "error_plaid": 0.0, "error_institution": round(1 - success, 2)},
    }
