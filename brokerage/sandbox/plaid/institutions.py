"""The banks of the sandbox, by Plaid's own ids and names."""

import re
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid.gate import Fields
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PRODUCTS = ["assets", "auth", "balance", "identity", "signal", "transactions", "transfer"]
COUNTRIES = words("US GB ES NL FR IE CA DE IT PL DK NO SE EE LT LV PT BE AT FI")
NAMES = {
    "ins_109508": ("First Platypus Bank", "#1f6f8b"),
    "ins_109509": ("First Gingham Credit Union", "#7a3b69"),
    "ins_109510": ("Tattersall Federal Credit Union", "#8a5a00"),
    "ins_109511": ("Tartan Bank", "#8b1e2d"),
    "ins_109512": ("Houndstooth Bank", "#3a3f44"),
    "ins_130016": ("First Platypus Balance Bank", "#205072"),
    "ins_135858": ("Windowpane Bank", "#2f5d50"),
}


def read(books: Books, fields: Fields) -> Fields:
    check_countries(fields["country_codes"])
    check_known(fields["institution_id"])
    return {"institution": shown(fields["institution_id"])}


def search(books: Books, fields: Fields) -> Fields:
    check_countries(fields["country_codes"])
    products = fields.get("products") or []
    found = named_like(str(fields["query"])) if set(products) <= set(PRODUCTS) else []
    return {"institutions": [shown(institution_id) for institution_id in found[:10]]}


def named_like(query: str) -> list[str]:
    """Every word of the query begins a word of the name."""
    words = re.findall(r"\w+", query.lower())
    return [
        institution_id
        for institution_id, (name, _) in NAMES.items()
        if all(any(part.startswith(word) for part in name.lower().split()) for word in words)
    ]


def check_known(institution_id: Any) -> None:
    if institution_id not in NAMES:
        raise PlaidRefusal("INVALID_INSTITUTION", "invalid institution_id provided")


def check_countries(codes: Any) -> None:
    if not isinstance(codes, list) or not codes or not set(map(str, codes)) <= COUNTRIES:
        raise invalid_field("country_codes must be an array of supported country codes")


def name_of(institution_id: str) -> str:
    return NAMES[institution_id][0]


def shown(institution_id: str) -> dict[str, Any]:
    name, color = NAMES[institution_id]
    return {
        "institution_id": institution_id,
        "name": name,
        "products": PRODUCTS,
        "country_codes": ["US"],
        "url": f"https://{re.sub(r'[^a-z]', '', name.lower())}.example",
        "primary_color": color,
        "logo": None,
        "routing_numbers": ["011401533"],
        "oauth": False,
        "connection_availability": "SUPPORTED",
    }
