"""What a request for a link token may say. The SDKs check no word against its lists: a slip must be caught here."""

import re
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid.gate import Fields, is_words
from brokerage.sandbox.plaid.institutions import check_countries
from brokerage.sandbox.plaid.refusal import PlaidRefusal, invalid_field, missing_fields
from brokerage.sandbox.plaid.urls import check_redirect, check_webhook
from brokerage.sandbox.plaid.words import ACCOUNT_TYPES, AUTH_SWITCHES, DEPOSITORY, LANGUAGES, PRODUCTS, REROUTES

ARRAYS = ("products", "required_if_supported_products", "optional_products", "additional_consented_products")
ASKED_FOR_AUTH = ARRAYS[:3]  # in the fourth, signal is a consent for later
LONGEST_URL_LIFE = 21 * 86_400
DELIVERY_METHODS = ("sms", "email")


def is_update(fields: Fields) -> bool:
    """Whether it is about an Item there is: to sign in again, to choose other accounts, to enter a deposit's code."""
    return bool(fields.get("access_token") or fields.get("access_tokens") or _update(fields).get("item_ids"))


def _update(fields: Fields) -> dict[str, Any]:
    return fields.get("update") or {}


def check(books: Books, fields: Fields) -> None:
    """Raises PlaidRefusal."""
    _check_user(fields)
    if fields["language"] not in LANGUAGES:
        raise invalid_field("language must be a supported language")
    check_countries(fields["country_codes"])
    if is_update(fields):
        _check_update(books, fields)
    else:
        _check_products(fields)
    _check_filters(fields.get("account_filters") or {})
    _check_auth(fields.get("auth") or {})
    _check_hosted_link(fields.get("hosted_link") or {})
    check_webhook(fields.get("webhook"), "webhook")
    check_redirect(books, fields.get("redirect_uri"))


def _check_user(fields: Fields) -> None:
    user = fields.get("user") or {}
    if not (user.get("client_user_id") or user.get("user_id") or fields.get("user_id")):
        raise missing_fields(["user.client_user_id"])
    if not isinstance(user.get("client_user_id", ""), str):
        raise invalid_field("user.client_user_id must be a string")
    phone = user.get("phone_number")
    if phone and not re.fullmatch(r"\+[1-9]\d{6,14}", re.sub(r"[ ().-]", "", str(phone))):
        raise invalid_field("user.phone_number must be in E.164 format")


def _check_update(books: Books, fields: Fields) -> None:
    if not fields.get("access_token"):
        raise invalid_field("update mode for several Items at once is not part of this sandbox")
    switch = _update(fields).get("account_selection_enabled")
    if switch is not None and not isinstance(switch, bool):
        raise invalid_field("update.account_selection_enabled must be a boolean")
    if any(fields.get(name) for name in ARRAYS) and not books.setting("plaid_update_mode_takes_products"):
        raise invalid_field("products must not be given together with access_token")


def _check_products(fields: Fields) -> None:
    if not fields.get("products"):
        raise missing_fields(["products"])
    seen: set[str] = set()
    for name in ARRAYS:
        asked = set(fields.get(name) or ())
        if "balance" in asked:
            raise PlaidRefusal("INVALID_PRODUCT", f"balance comes with every Item and cannot be asked for in {name}")
        if asked - PRODUCTS:
            raise invalid_field(f"{name} must be an array of known products")
        if asked & seen:
            raise invalid_field(f"a product may be in one of {', '.join(ARRAYS)} only")
        if "signal" in asked and "auth" not in _beside_signal(fields, name) and name in ASKED_FOR_AUTH:
            raise PlaidRefusal("INVALID_PRODUCT", f"signal needs auth in {name} too")
        seen |= asked


def _beside_signal(fields: Fields, name: str) -> set[str]:
    """Where signal looks for auth: in its own array, or, being optional, among what is required.

    https://plaid.com/docs/signal/creating-signal-items/
    """
    asked = set(fields.get(name) or ())
    return asked | set(fields["products"]) if name == "optional_products" else asked


def _check_filters(filters: dict[str, Any]) -> None:
    if set(filters) - ACCOUNT_TYPES:
        raise invalid_field("account_filters must name known account types")
    for kind, chosen in filters.items():
        subtypes = chosen.get("account_subtypes") if isinstance(chosen, dict) else None
        if not is_words(subtypes) or not subtypes:
            raise invalid_field("account_filters must give account_subtypes for every type")
        if kind == "depository" and set(subtypes) - DEPOSITORY:
            raise invalid_field("account_filters.depository.account_subtypes must be known subtypes")


def _check_auth(auth: dict[str, Any]) -> None:
    for name in AUTH_SWITCHES & set(auth):
        if not isinstance(auth[name], bool):
            raise invalid_field(f"auth.{name} must be a boolean")
    if auth.get("reroute_to_credentials") is not None and auth["reroute_to_credentials"] not in REROUTES:
        raise invalid_field("auth.reroute_to_credentials must be OFF, OPTIONAL or FORCED")


def _check_hosted_link(hosted: dict[str, Any]) -> None:
    if hosted.get("delivery_method") is not None and hosted["delivery_method"] not in DELIVERY_METHODS:
        raise invalid_field("hosted_link.delivery_method must be sms or email")
    seconds = hosted.get("url_lifetime_seconds")
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds <= LONGEST_URL_LIFE:
        raise invalid_field(f"hosted_link.url_lifetime_seconds must be between 1 and {LONGEST_URL_LIFE}")
